"""Rows that end with the box of which they speak."""

import math

from keras import ops

from mtvision.ops.boxes import finite_boxes


def join_box(values, boxes):
    """Puts its box behind the values of each row.

    Args:
        values: Tensor (B, R, V).
        boxes: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, V + 4), float32. Boxes with NaN become zeros, which are
        padding. No gradient flows to the boxes.

    Example:

    >>> box = np.array([[[0.0, 0.0, 32.0, 16.0]]])
    >>> [float(v) for v in join_box(np.ones((1, 1, 2)), box)[0, 0]]
    [1.0, 1.0, 0.0, 0.0, 32.0, 16.0]
    """
    boxes = ops.stop_gradient(finite_boxes(boxes))
    return ops.concatenate([ops.cast(values, "float32"), boxes], axis=-1)


def join_fixed_box(values, boxes):
    """Puts its box behind the values of each row, the same in all samples.

    Args:
        values: Tensor (B, A, V).
        boxes: Tensor (A, 4), xyxy in pixels, such as anchors.

    Returns:
        Tensor (B, A, V + 4), float32.

    Example:

    >>> box = np.array([[0.0, 0.0, 32.0, 16.0]])
    >>> [float(v) for v in join_fixed_box(np.ones((2, 1, 1)), box)[1, 0]]
    [1.0, 0.0, 0.0, 32.0, 16.0]
    """
    values = ops.cast(values, "float32")
    # Added, as the batch may be unknown.
    boxes = ops.zeros_like(values[..., :1]) + ops.cast(boxes, "float32")
    return ops.concatenate([values, boxes], axis=-1)


def split_box(rows):
    """Takes rows apart: the reverse of `join_box`.

    Args:
        rows: Tensor (B, R, V + 4).

    Returns:
        `(values, boxes)`: tensors (B, R, V) and (B, R, 4), float32. No
        gradient flows to the boxes.

    Example:

    >>> values, boxes = split_box(np.zeros((2, 9, 7)))
    >>> tuple(values.shape), tuple(boxes.shape)
    ((2, 9, 3), (2, 9, 4))
    """
    rows = ops.cast(rows, "float32")
    return rows[..., :-4], ops.stop_gradient(rows[..., -4:])


def join_maps(maps, regions):
    """Puts its region behind the maps of each row.

    Args:
        maps: Tensor (B, R, S, S, N) or (B * R, S, S, N).
        regions: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, S * S * N + 4), as `join_box` gives it.

    Example:

    >>> rows = join_maps(np.ones((1, 3, 28, 28, 2)), np.ones((1, 3, 4)))
    >>> tuple(rows.shape)
    (1, 3, 1572)
    """
    columns = math.prod(maps.shape[-3:])
    values = ops.reshape(maps, (-1, regions.shape[1], columns))
    return join_box(values, regions)


def split_maps(rows, size):
    """Takes rows of maps apart: the reverse of `join_maps`.

    Args:
        rows: Tensor (B, R, S * S * N + 4), which `count_maps` accepts.
        size: S.

    Returns:
        `(maps, regions)`: tensors (B, R, S, S, N) and (B, R, 4), float32.

    Example:

    >>> maps, regions = split_maps(np.zeros((1, 3, 1572)), 28)
    >>> tuple(maps.shape), tuple(regions.shape)
    ((1, 3, 28, 28, 2), (1, 3, 4))
    """
    values, regions = split_box(rows)
    count = values.shape[-1] // size**2
    shape = (*ops.shape(values)[:2], size, size, count)
    return ops.reshape(values, shape), regions


def count_maps(rows, size, expected):
    """How many maps a row holds.

    Args:
        rows: Tensor (B, R, S * S * N + 4), of any backend or symbolic.
        size: S.
        expected: What expects which rows, for the message.

    Returns:
        N, an integer.

    Raises:
        ValueError: If the columns are not some maps of that size.

    Example:

    >>> count_maps(np.zeros((1, 3, 1572)), 28, "a loss expects rows")
    2
    """
    shape = tuple(rows.shape)
    columns = shape[-1] - 4 if len(shape) == 3 else 0
    if columns < 1 or columns % size**2:
        raise ValueError(
            f"{expected}, received shape {shape}. Give it the size of the "
            "head's maps."
        )
    return columns // size**2
