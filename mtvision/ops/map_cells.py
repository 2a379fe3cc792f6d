"""Maps that carry the box of each of their cells."""

from keras import ops


def join_cells(values, stride):
    """Puts the box of each cell behind the values of a map.

    So whoever gets the map knows where it lies in the image.

    Args:
        values: Tensor (B, h, w, V).
        stride: Pixels of the image that a cell spans.

    Returns:
        Tensor (B, h, w, V + 4), float32: the values, and x1, y1, x2, y2 of
        the cell in pixels.

    Example:

    >>> maps = join_cells(np.zeros((1, 1, 2, 3)), 4)
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


def split_cells(maps):
    """Takes such maps apart: the reverse of `join_cells`.

    Args:
        maps: Tensor (B, h, w, V + 4).

    Returns:
        `(values, cells)`: tensors (B, h, w, V) and (B, h, w, 4), float32.

    Example:

    >>> values, cells = split_cells(np.zeros((2, 8, 8, 7)))
    >>> tuple(values.shape), tuple(cells.shape)
    ((2, 8, 8, 3), (2, 8, 8, 4))
    """
    maps = ops.cast(maps, "float32")
    # The cells are constants.
    return maps[..., :-4], ops.stop_gradient(maps[..., -4:])


def cell_size(cells):
    """Width and height of the cells of a map.

    Args:
        cells: Tensor (B, h, w, 4).

    Returns:
        Tensor (2,), pixels.

    Example:

    >>> _, cells = split_cells(join_cells(np.zeros((1, 2, 2, 1)), 4))
    >>> [float(v) for v in cell_size(cells)]
    [4.0, 4.0]
    """
    first = cells[0, 0, 0]
    return first[2:] - first[:2]
