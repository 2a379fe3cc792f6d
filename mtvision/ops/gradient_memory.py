"""Rows of gradients, their lengths and their running means."""

from keras import ops


def row_lengths(rows):
    """Norms (T,) of rows (T, P).

    Args:
        rows: Tensor (T, P).

    Returns:
        Tensor (T,).

    Example:

    >>> [float(x) for x in row_lengths(np.array([[3.0, 4.0], [0.0, 0.0]]))]
    [5.0, 0.0]
    """
    return ops.sqrt(ops.sum(ops.square(rows), axis=1))


def unit_rows(rows):
    """Rows divided by their norms; those of 0 stay.

    Args:
        rows: Tensor (T, P).

    Returns:
        Tensor (T, P).

    Example:

    >>> rows = unit_rows(np.array([[0.0, -2.0], [0.0, 0.0]]))
    >>> [[float(x) for x in row] for row in rows]
    [[0.0, -1.0], [0.0, 0.0]]
    """
    length = row_lengths(rows)
    return rows / ops.where(length > 0, length, 1.0)[:, None]


def mix_rows(old, new, share):
    """Moves rows part of the way to new ones.

    Args:
        old: Tensor (T, P).
        new: Tensor (T, P).
        share: Tensor (T,): 0 for the old rows, 1 for the new.

    Returns:
        Tensor (T, P).

    Example:

    >>> rows = mix_rows(np.zeros((1, 1)), np.ones((1, 1)), np.array([0.25]))
    >>> float(rows[0, 0])
    0.25
    """
    return old + share[:, None] * (new - old)
