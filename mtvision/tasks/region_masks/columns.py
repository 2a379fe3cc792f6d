"""The columns of masks of regions, named here and nowhere else.

Logits of S rows, S columns and C classes, in that order, and the region,
in a row of its own (in more where S * C is below 4).
"""

from mtvision.ops.box_rows import count_maps, join_maps, split_region

# Puts the region behind the maps (B, R, S, S, C).
join = join_maps


def split(rows, name):
    """Takes rows apart: the reverse of `join`.

    Args:
        rows: Tensor (B, R, S + 1, S, C).
        name: What asks, for the message.

    Returns:
        `(masks, regions)`: tensors (B, R, S, S, C) and (B, R, 4), float32.

    Raises:
        ValueError: If they are no such rows.

    Example:

    >>> masks, regions = split(np.zeros((1, 3, 29, 28, 2)), "a loss")
    >>> tuple(masks.shape), tuple(regions.shape)
    ((1, 3, 28, 28, 2), (1, 3, 4))
    """
    count_classes(rows, name)
    return split_region(rows)


def count_classes(rows, name):
    """How many masks a row holds.

    Args:
        rows: Tensor (B, R, S + 1, S, C), of any backend or symbolic.
        name: What asks, for the message.

    Returns:
        C, an integer.

    Raises:
        ValueError: If they are no such rows.

    Example:

    >>> count_classes(np.zeros((1, 3, 29, 28, 2)), "a loss")
    2
    """
    return count_maps(
        rows,
        f"{name} expects rows (B, R, S + 1, S, C), as RegionMasksHead "
        "gives them",
    )
