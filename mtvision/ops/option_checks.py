"""Checks of options that are numbers, raised when they are given."""

import math
import numbers


def require_count(value, minimum, argument):
    """Raises unless an argument is a whole number that is large enough.

    Args:
        value: What was given.
        minimum: The smallest number allowed.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_count(3, 1, "num_classes")
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    fits = whole and value >= minimum
    _require(fits, f"a whole number of {minimum} or more", value, argument)


def require_flag(value, argument):
    """Raises unless an option is True or False.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is anything else.

    Example:

    >>> require_flag(True, "normalization")
    """
    _require(isinstance(value, bool), "True or False", value, argument)


def require_above_zero(value, argument):
    """Raises unless an option is a number above 0.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_above_zero(0.5, "temperature")
    """
    fits = _is_number(value) and value > 0
    _require(fits, "a number above 0", value, argument)


def require_not_negative(value, argument):
    """Raises unless an option is a number of 0 or more.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_not_negative(0, "gamma")
    """
    fits = _is_number(value) and value >= 0
    _require(fits, "a number of 0 or more", value, argument)


def require_share(value, argument):
    """Raises unless an option is a number from 0 to below 1.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_share(0.9, "momentum")
    """
    fits = _is_number(value) and 0 <= value < 1
    _require(fits, "a number from 0 to below 1", value, argument)


def require_up_to_one(value, argument):
    """Raises unless an option is a number above 0 and at most 1.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_up_to_one(0.5, "iou_threshold")
    """
    fits = _is_number(value) and 0 < value <= 1
    _require(fits, "a number above 0, at most 1", value, argument)


def require_within(value, lowest, highest, argument, *, or_none=False):
    """Raises unless an option is a number from one to another.

    Args:
        value: What was given.
        lowest: The smallest number allowed.
        highest: The largest number allowed.
        argument: Name of the argument.
        or_none: Whether `None` is allowed, too.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_within(0, 0, 1, "score_threshold")
    """
    if or_none and value is None:
        return
    fits = _is_number(value) and lowest <= value <= highest
    what = f"a number from {lowest} to {highest}"
    _require(fits, what + " or None" * or_none, value, argument)


def require_finite(value, argument):
    """Raises unless an option is a finite number.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_finite(-0.5, "threshold")
    """
    _require(_is_number(value), "a finite number", value, argument)


def require_class_or_none(value, argument):
    """Raises unless an option is a class index or `None`.

    Args:
        value: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is no whole number.

    Example:

    >>> require_class_or_none(255, "ignore_class")
    """
    fits = value is None or (_is_number(value) and value == int(value))
    _require(fits, "a whole number or None", value, argument)


def require_factors_or_none(values, argument):
    """Raises unless an option is a sequence of numbers of 0 or more, or `None`.

    Args:
        values: What was given.
        argument: Name of the argument.

    Raises:
        ValueError: If it is anything else.

    Example:

    >>> require_factors_or_none([1.0, 0.5], "class_weights")
    """
    if values is None:
        return
    fits = _is_list(values) and all(_is_number(x) and x >= 0 for x in values)
    what = "a list of numbers of 0 or more, one a class, or None"
    _require(fits, what, values, argument)


def require_list(values, minimum, argument):
    """Raises unless an option is a list of some length, or the like.

    Args:
        values: What was given.
        minimum: The smallest length allowed.
        argument: Name of the argument.

    Raises:
        ValueError: If it is shorter, or no sequence.

    Example:

    >>> require_list((0.1, 0.01), 1, "false_accepts")
    """
    fits = _is_list(values) and len(values) >= minimum
    what = f"a list of {minimum} numbers or more, as [0.1]"
    _require(fits, what, values, argument)


def _require(fits, what, value, argument):
    if not fits:
        raise ValueError(f"Expected {argument} as {what}, received {value!r}.")


def _is_list(values):
    if isinstance(values, str | dict) or not hasattr(values, "__len__"):
        return False
    return getattr(values, "ndim", 1) == 1


def _is_number(value):
    return isinstance(value, numbers.Real) and math.isfinite(value)
