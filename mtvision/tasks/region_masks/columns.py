"""The columns of masks of regions, named here and nowhere else."""

from keras import ops

from mtvision.ops.boxes import finite_boxes


def join(masks, regions):
    """Puts its region behind the masks of each row.

    Args:
        masks: Tensor (B, R, S, S, C), logits.
        regions: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, S * S * C + 4), float32. Regions with NaN become zeros,
        which are padding. No gradient flows to the regions.

    Example:

    >>> rows = join(np.ones((1, 3, 28, 28, 2)), np.ones((1, 3, 4)))
    >>> tuple(rows.shape)
    (1, 3, 1572)
    """
    number, *sizes = masks.shape[1:]
    values = sizes[0] * sizes[1] * sizes[2]
    masks = ops.reshape(masks, (-1, number, values))
    regions = ops.stop_gradient(finite_boxes(regions))
    return ops.concatenate([ops.cast(masks, "float32"), regions], axis=-1)


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
    classes = count_classes(rows, size, name)
    rows = ops.cast(rows, "float32")
    shape = (*ops.shape(rows)[:2], size, size, classes)
    regions = ops.stop_gradient(rows[..., -4:])
    return ops.reshape(rows[..., :-4], shape), regions


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
    shape = tuple(rows.shape)
    columns = shape[-1] - 4 if len(shape) == 3 else 0
    if columns < 1 or columns % size**2:
        raise ValueError(
            f"{name} expects rows (B, R, {size} * {size} * C + 4), as "
            f"RegionMasksHead gives them, received shape {shape}. Give it the "
            "size of the head's masks."
        )
    return columns // size**2
