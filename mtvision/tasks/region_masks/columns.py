"""The columns of masks of regions, named here and nowhere else.

Logits of S rows, S columns and C classes, in that order, and the region.
"""

from mtvision.ops.box_rows import count_maps, join_maps, split_maps

join = join_maps


def split(rows, size, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, R, S * S * C + 4).
        size: S.
        name: What asks, for the message.

    Returns:
        `(masks, regions)`: tensors (B, R, S, S, C) and (B, R, 4), float32.

    Raises:
        ValueError: If the columns are not some masks of that size.

    Example:

    >>> masks, regions = split(np.zeros((1, 3, 1572)), 28, "a loss")
    >>> tuple(masks.shape), tuple(regions.shape)
    ((1, 3, 28, 28, 2), (1, 3, 4))
    """
    count_classes(rows, size, name)
    return split_maps(rows, size)


def count_classes(rows, size, name):
    """How many masks a row holds.

    Args:
        rows: Tensor (B, R, S * S * C + 4), of any backend or symbolic.
        size: S.
        name: What asks, for the message.

    Returns:
        C, an integer.

    Raises:
        ValueError: If the columns are not some masks of that size.

    Example:

    >>> count_classes(np.zeros((1, 3, 1572)), 28, "a loss")
    2
    """
    return count_maps(
        rows,
        size,
        f"{name} expects rows (B, R, {size} * {size} * C + 4), as "
        "RegionMasksHead gives them",
    )
