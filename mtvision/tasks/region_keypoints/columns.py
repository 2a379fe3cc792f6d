"""The columns of key points of regions, named here and nowhere else.

Logits of S rows, S columns and K key points, in that order, and the region.
"""

from mtvision.ops.box_rows import count_maps, join_maps, split_maps

join = join_maps


def split(rows, size, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, R, S * S * K + 4).
        size: S.
        name: What asks, for the message.

    Returns:
        `(maps, regions)`: tensors (B, R, S, S, K) and (B, R, 4), float32.

    Raises:
        ValueError: If the columns are not some maps of that size.

    Example:

    >>> maps, regions = split(np.zeros((1, 3, 6276)), 56, "a loss")
    >>> tuple(maps.shape), tuple(regions.shape)
    ((1, 3, 56, 56, 2), (1, 3, 4))
    """
    count_keypoints(rows, size, name)
    return split_maps(rows, size)


def count_keypoints(rows, size, name):
    """How many key points a row speaks of.

    Args:
        rows: Tensor (B, R, S * S * K + 4), of any backend or symbolic.
        size: S.
        name: What asks, for the message.

    Returns:
        K, an integer.

    Raises:
        ValueError: If the columns are not some maps of that size.

    Example:

    >>> count_keypoints(np.zeros((1, 3, 6276)), 56, "a loss")
    2
    """
    return count_maps(
        rows,
        size,
        f"{name} expects rows (B, R, {size} * {size} * K + 4), as "
        "RegionKeypointsHead gives them",
    )
