"""Options along the axes of an image or a volume."""


def by_axis(given, check, argument, *, rank=3):
    """Numbers of an option that is one for all axes, or one for each.

    Args:
        given: What was given.
        check: Function of a number and the name, from `option_checks`.
        argument: Name of the argument.
        rank: Number of axes: 3 for z, y and x, 2 for y and x.

    Returns:
        Tuple of `rank` numbers.

    Raises:
        ValueError: If it is neither, or the check fails.

    Example:

    >>> from mtvision.ops.option_checks import require_above_zero
    >>> by_axis(2, require_above_zero, "spacing")
    (2, 2, 2)
    """
    numbers = given if isinstance(given, list | tuple) else (given,) * rank
    if len(numbers) != rank:
        raise ValueError(
            f"Expected {argument} as one number, or {rank} of them, one for "
            f"each axis; received {given!r}."
        )
    for number in numbers:
        check(number, argument)
    return tuple(numbers)
