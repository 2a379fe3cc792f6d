"""Sums that do not lose what is small beside them."""

from keras import ops


def exact_sum(total, rest, value):
    """Adds to a float32 sum that is kept in two parts.

    One float32 cannot count beyond 2 ** 24. What is rounded off `total` is
    gathered in `rest` (Knuth's two-sum), so that `total + rest` is exact for
    counts up to 2 ** 48.

    Args:
        total: Tensor, float32.
        rest: Tensor of the same shape.
        value: Tensor of the same shape, what is added.

    Returns:
        The new `(total, rest)`.

    Example:

    >>> total, rest = exact_sum(2.0**24, 0.0, 1.0)
    >>> int(total) + int(rest) - 2**24
    1
    """
    total, rest, value = (
        ops.convert_to_tensor(x, dtype="float32") for x in (total, rest, value)
    )
    new_total = total + value
    added = new_total - total
    lost = (total - (new_total - added)) + (value - added)
    return new_total, rest + lost
