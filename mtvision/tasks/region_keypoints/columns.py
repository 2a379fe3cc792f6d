"""The columns of key points of regions, named here and nowhere else."""

from keras import ops

from mtvision.ops.boxes import finite_boxes


def join(maps, regions):
    """Puts its region behind the maps of each row.

    Args:
        maps: Tensor (B, R, S, S, K), logits.
        regions: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, S * S * K + 4), float32. Regions with NaN become zeros,
        which are padding. No gradient flows to the regions.

    Example:

    >>> rows = join(np.ones((1, 3, 56, 56, 2)), np.ones((1, 3, 4)))
    >>> tuple(rows.shape)
    (1, 3, 6276)
    """
    number, *sizes = maps.shape[1:]
    values = sizes[0] * sizes[1] * sizes[2]
    maps = ops.reshape(maps, (-1, number, values))
    regions = ops.stop_gradient(finite_boxes(regions))
    return ops.concatenate([ops.cast(maps, "float32"), regions], axis=-1)


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
    number = count_keypoints(rows, size, name)
    rows = ops.cast(rows, "float32")
    shape = (*ops.shape(rows)[:2], size, size, number)
    regions = ops.stop_gradient(rows[..., -4:])
    return ops.reshape(rows[..., :-4], shape), regions


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
    shape = tuple(rows.shape)
    columns = shape[-1] - 4 if len(shape) == 3 else 0
    if columns < 1 or columns % size**2:
        raise ValueError(
            f"{name} expects rows (B, R, {size} * {size} * K + 4), as "
            f"RegionKeypointsHead gives them, received shape {shape}. Give it "
            "the size of the head's maps."
        )
    return columns // size**2
