"""Checks of the options of steps."""

import numbers


def check_range(name, low, high, *, lowest=0.0, highest=float("inf")):
    """Raises unless two numbers are the ends of a range.

    Args:
        name: Names of the options, for the message.
        low: The lower end.
        high: The upper end, at least `low`.
        lowest: The smallest number allowed.
        highest: The largest number allowed.

    Raises:
        ValueError: If they are no numbers, in the wrong order or beyond.

    Example:

    >>> check_range("low and high", 0.1, 2.0)
    """
    if not (is_number(low) and is_number(high)) or not (
        lowest <= low <= high <= highest
    ):
        raise ValueError(
            f"{name}: expected {lowest} <= low <= high <= {highest}, received "
            f"{low!r} and {high!r}."
        )


def check_pair(name, pair, *, lowest=0.0, highest=float("inf")):
    """Raises unless an option is a pair of numbers (low, high).

    Args:
        name: Name of the option, for the message.
        pair: Its value.
        lowest: The smallest number allowed.
        highest: The largest number allowed.

    Returns:
        The pair as a tuple.

    Raises:
        ValueError: If it is no such pair.

    Example:

    >>> check_pair("area", [0.3, 1])
    (0.3, 1)
    """
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise ValueError(
            f"{name}: expected a pair (low, high), received {pair!r}."
        )
    check_range(name, *pair, lowest=lowest, highest=highest)
    return tuple(pair)


def check_number(name, value, *, lowest=0.0, highest=float("inf")):
    """Raises unless an option is a number between two others.

    Args:
        name: Name of the option, for the message.
        value: Its value.
        lowest: The smallest number allowed.
        highest: The largest number allowed.

    Raises:
        ValueError: If it is no number, or beyond.

    Example:

    >>> check_number("probability", 0.5, highest=1.0)
    """
    if not is_number(value) or not lowest <= value <= highest:
        raise ValueError(
            f"{name}: expected a number from {lowest} to {highest}, received "
            f"{value!r}."
        )


def is_number(value):
    """Whether a value is a real number, and no bool."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def check_count(name, value):
    """Raises unless an option is a whole number, 1 or more.

    Args:
        name: Name of the option, for the message.
        value: Its value.

    Raises:
        ValueError: If it is not.

    Example:

    >>> check_count("count", 2)
    """
    check_number(name, value, lowest=1)
    if value != int(value):
        raise ValueError(
            f"{name}: expected a whole number, received {value!r}."
        )
