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


def join_region(values, regions):
    """Puts its region behind the values of each row, which keep their shape.

    So the result says by its shape what it holds: nobody has to be told.

    Args:
        values: Tensor (B, R, N, ...) of rank 3 or more.
        regions: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, N + 1, ...), float32: behind the N the region, in the
        first four numbers. Where there are fewer in one there are more, as
        many as four numbers take: N + 2, N + 4. Regions with NaN become
        zeros, which are padding. No gradient flows to the regions.

    Example:

    >>> rows = join_region(np.ones((1, 3, 28, 28, 2)), np.ones((1, 3, 4)))
    >>> tuple(rows.shape)
    (1, 3, 29, 28, 2)
    """
    values = ops.cast(values, "float32")
    shape = tuple(values.shape[3:])
    boxes = ops.stop_gradient(finite_boxes(regions))
    fill = room(shape) * math.prod(shape) - 4
    boxes = ops.pad(boxes, [(0, 0), (0, 0), (0, fill)])
    boxes = ops.reshape(boxes, (*ops.shape(boxes)[:2], room(shape), *shape))
    return ops.concatenate([values, boxes], axis=2)


def join_maps(maps, regions):
    """Puts its region behind the square maps of each row.

    Args:
        maps: Tensor (B, R, S, S, N) or (B * R, S, S, N).
        regions: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Tensor (B, R, S + 1, S, N), float32, as `join_region` gives it.

    Example:

    >>> tuple(join_maps(np.ones((3, 28, 28, 2)), np.ones((1, 3, 4))).shape)
    (1, 3, 29, 28, 2)
    """
    shape = (-1, regions.shape[1], *maps.shape[-3:])
    return join_region(ops.reshape(maps, shape), regions)


def split_region(rows):
    """Takes rows apart: the reverse of `join_region`.

    Args:
        rows: Tensor (B, R, N + 1, ...), whose shape from the third axis on is
            known, and of which `count_values` is above 0.

    Returns:
        `(values, regions)`: tensors (B, R, N, ...) and (B, R, 4), float32. No
        gradient flows to the regions.

    Example:

    >>> values, regions = split_region(np.zeros((1, 3, 29, 28, 2)))
    >>> tuple(values.shape), tuple(regions.shape)
    ((1, 3, 28, 28, 2), (1, 3, 4))
    """
    rows = ops.cast(rows, "float32")
    shape = tuple(rows.shape[3:])
    number = count_values(rows)
    flat = room(shape) * math.prod(shape)
    boxes = rows[:, :, number:]
    boxes = ops.reshape(boxes, (*ops.shape(rows)[:2], flat))
    return rows[:, :, :number], ops.stop_gradient(boxes[..., :4])


def count_values(rows):
    """How many values a row holds besides its region.

    Args:
        rows: Tensor (B, R, N + 1, ...) of `join_region`, of any backend or
            symbolic.

    Returns:
        N, an integer; 0 if these are no such rows.

    Example:

    >>> count_values(np.zeros((1, 3, 29, 28, 2)))
    28
    """
    shape = tuple(rows.shape)
    if len(shape) < 3 or None in shape[2:] or 0 in shape[3:]:
        return 0
    return max(shape[2] - room(shape[3:]), 0)


def count_maps(rows, expected):
    """How many square maps a row holds.

    Args:
        rows: Tensor (B, R, S + 1, S, N) of `join_region`, of any backend or
            symbolic.
        expected: What expects which rows, for the message.

    Returns:
        N, an integer.

    Raises:
        ValueError: If these are no maps of that shape.

    Example:

    >>> count_maps(np.zeros((1, 3, 29, 28, 2)), "a loss expects rows")
    2
    """
    shape = tuple(rows.shape)
    if len(shape) != 5 or not shape[3] or count_values(rows) != shape[3]:
        raise ValueError(f"{expected}, received shape {shape}.")
    return shape[4]


def room(shape):
    """How many values of a shape the four numbers of a region take.

    Args:
        shape: Tuple of integers above 0.

    Returns:
        Integer from 1 to 4.

    Example:

    >>> room((28, 2)), room((3,))
    (1, 2)
    """
    return -(-4 // math.prod(shape))
