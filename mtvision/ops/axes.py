"""Options along the three axes of a volume."""


def by_axis(given, check, argument):
    """Three numbers from an option that is one for all, or three.

    Args:
        given: What was given.
        check: Function of a number and the name, from `option_checks`.
        argument: Name of the argument.

    Returns:
        Tuple of three numbers, for z, y and x.

    Raises:
        ValueError: If it is neither, or the check fails.

    Example:

    >>> from mtvision.ops.option_checks import require_above_zero
    >>> by_axis(2, require_above_zero, "spacing")
    (2, 2, 2)
    """
    numbers = given if isinstance(given, list | tuple) else (given,) * 3
    if len(numbers) != 3:
        raise ValueError(
            f"Expected {argument} as one number, or three, for z, y and x; "
            f"received {given!r}."
        )
    for number in numbers:
        check(number, argument)
    return tuple(numbers)
