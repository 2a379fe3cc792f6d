"""The columns of key points of regions, named here and nowhere else.

Logits of S rows, S columns and K key points, in that order, and the region,
in a row of its own (in more where S * K is below 4).
"""

from mtvision.ops.box_rows import count_maps, join_maps, split_region

# Puts the region behind the maps (B, R, S, S, K).
join = join_maps


def split(rows, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, R, S + 1, S, K).
        name: What asks, for the message.

    Returns:
        `(maps, regions)`: tensors (B, R, S, S, K) and (B, R, 4), float32.

    Raises:
        ValueError: If they are no such rows.

    Example:

    >>> maps, regions = split(np.zeros((1, 3, 57, 56, 2)), "a loss")
    >>> tuple(maps.shape), tuple(regions.shape)
    ((1, 3, 56, 56, 2), (1, 3, 4))
    """
    count_keypoints(rows, name)
    return split_region(rows)


def count_keypoints(rows, name):
    """How many key points a row speaks of.

    Args:
        rows: Tensor (B, R, S + 1, S, K), of any backend or symbolic.
        name: What asks, for the message.

    Returns:
        K, an integer.

    Raises:
        ValueError: If they are no such rows.

    Example:

    >>> count_keypoints(np.zeros((1, 3, 57, 56, 2)), "a loss")
    2
    """
    return count_maps(
        rows,
        f"{name} expects rows (B, R, S + 1, S, K), as RegionKeypointsHead "
        "gives them",
    )
