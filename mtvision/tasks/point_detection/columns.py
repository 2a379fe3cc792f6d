"""The columns of maps of points, named here and nowhere else."""

from keras import ops


def join(values, stride):
    """Puts the box of each cell behind the values of a map.

    So whoever gets the map knows where it lies in the image.

    Args:
        values: Tensor (B, h, w, V).
        stride: Pixels of the image that a cell spans.

    Returns:
        Tensor (B, h, w, V + 4), float32: the values, and x1, y1, x2, y2 of
        the cell in pixels.

    Example:

    >>> maps = join(np.zeros((1, 1, 2, 3)), 4)
    >>> [float(v) for v in maps[0, 0, 1, 3:]]
    [4.0, 0.0, 8.0, 4.0]
    """
    values = ops.cast(values, "float32")
    height, width = ops.shape(values)[1:3]
    x = ops.arange(width, dtype="float32") * stride
    y = ops.arange(height, dtype="float32") * stride
    x, y = ops.meshgrid(x, y)
    cells = ops.stack([x, y, x + stride, y + stride], axis=-1)
    # Added, as the batch may be unknown.
    cells = ops.zeros_like(values[..., :1]) + cells
    return ops.concatenate([values, cells], axis=-1)


def split(maps):
    """Takes maps of points apart: the reverse of `join`.

    Args:
        maps: Tensor (B, h, w, V + 4).

    Returns:
        `(values, cells)`: tensors (B, h, w, V) and (B, h, w, 4), float32.

    Example:

    >>> values, cells = split(np.zeros((2, 8, 8, 7)))
    >>> tuple(values.shape), tuple(cells.shape)
    ((2, 8, 8, 3), (2, 8, 8, 4))
    """
    maps = ops.cast(maps, "float32")
    # The cells are constants.
    return maps[..., :-4], ops.stop_gradient(maps[..., -4:])


def num_values(maps, points, name):
    """How many values a map holds for each kind of point.

    Args:
        maps: Tensor (B, h, w, points * V + 4).
        points: Kinds of points, P.
        name: What asks, for the message.

    Returns:
        V.

    Raises:
        ValueError: If the shape is no such shape.

    Example:

    >>> num_values(np.zeros((2, 8, 8, 84)), 4, "a loss")
    20
    """
    shape = tuple(maps.shape)
    if len(shape) != 4 or shape[-1] < 5 or (shape[-1] - 4) % points:
        raise ValueError(
            f"{name} expects maps (B, h, w, {points} V + 4), as HeatMapHead "
            f"and PointValuesHead give them, received shape {shape}."
        )
    return (shape[-1] - 4) // points


def cell_size(cells):
    """Width and height of the cells of a map.

    Args:
        cells: Tensor (B, h, w, 4).

    Returns:
        Tensor (2,), pixels.

    Example:

    >>> _, cells = split(join(np.zeros((1, 2, 2, 1)), 4))
    >>> [float(v) for v in cell_size(cells)]
    [4.0, 4.0]
    """
    first = cells[0, 0, 0]
    return first[2:] - first[:2]
