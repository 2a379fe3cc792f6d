"""The columns of phrases of regions, named here and nowhere else.

Logits of V words at L places, in that order, and the region, in a place of
its own (in two where V is 3).
"""

from mtvision.ops.box_rows import (
    count_values,
    join_region,
    room,
    split_region,
)

# Puts the region behind the logits (B, R, L, V).
join = join_region


def row_shape(length, size):
    """Shape of a row.

    Args:
        length: L.
        size: V.

    Returns:
        `(L + 1, V)`.

    Example:

    >>> row_shape(8, 26)
    (9, 26)
    """
    return length + room((size,)), size


def split(rows, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, R, L + 1, V).
        name: What asks, for the message.

    Returns:
        `(logits, regions)`: tensors (B, R, L, V) and (B, R, 4), float32.

    Raises:
        ValueError: If they are no such rows.

    Example:

    >>> logits, regions = split(np.zeros((1, 3, 9, 26)), "a loss")
    >>> tuple(logits.shape), tuple(regions.shape)
    ((1, 3, 8, 26), (1, 3, 4))
    """
    count(rows, name)
    return split_region(rows)


def count(rows, name):
    """For how many words a row has a place, and how many it knows.

    Args:
        rows: Tensor (B, R, L + 1, V), of any backend or symbolic.
        name: What asks, for the message.

    Returns:
        `(L, V)`, integers.

    Raises:
        ValueError: If they are no such rows.

    Example:

    >>> count(np.zeros((1, 3, 9, 26)), "a loss")
    (8, 26)
    """
    shape = tuple(rows.shape)
    length = count_values(rows) if len(shape) == 4 else 0
    if not length:
        raise ValueError(
            f"{name} expects rows (B, R, L + 1, V), as RegionCaptionsHead "
            f"gives them, received shape {shape}."
        )
    return length, shape[3]
