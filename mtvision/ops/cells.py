"""Placing values into maps of zeros by their indices, and picking them again.

An index is `y * W + x` within the plane of its map. Most often each value
belongs into a cell of its own: cells of equal size lie side by side, from the
top left, one for each value. Placing then needs no scattering, which is slow;
but whether it is so can be known only from the indices.
"""

import itertools
import math

from keras import ops

from mtvision.ops.windows import window_pixels

# Larger cells are not worth a pass over the map for each of their pixels.
_MOST_PIXELS = 16


def unpool_by_cells(values, indices, *, size):
    """`max_unpool` that scatters only where it must."""
    cell = guess_cell(ops.shape(values)[1:3], size)
    if cell is None:
        return place(values, indices, size=size)

    # Automatically, what both ways need for their gradients would be kept.
    @ops.custom_gradient
    def unpool(values, indices):
        fits = are_in_cells(indices, width=size[1], cell=cell)

        def gradient(*args, upstream=None):
            maps = args[-1] if upstream is None else upstream
            slope = ops.cond(
                fits,
                lambda: pick_from_cells(maps, indices, cell=cell),
                lambda: pick(maps, indices),
            )
            return slope, None

        maps = ops.cond(
            fits,
            lambda: place_in_cells(values, indices, size=size, cell=cell),
            lambda: place(values, indices, size=size),
        )
        return maps, gradient

    return unpool(values, indices)


def guess_cell(counts, size):
    """The cells that indices most likely point into.

    Args:
        counts: Number of values down and right.
        size: Height and width of the map.

    Returns:
        Height and width of a cell, or None if there are no such cells, the
        numbers are not known yet, or the cells would be large.

    Example:

    >>> guess_cell((4, 3), (9, 7))
    (2, 2)
    """
    if not all(isinstance(n, int) for n in (*counts, *size)):
        return None
    cell = tuple(length // count for length, count in zip(size, counts))
    return cell if 1 <= math.prod(cell) <= _MOST_PIXELS else None


def are_in_cells(indices, *, width, cell):
    """Whether every index points into the cell of its value.

    Args:
        indices: Tensor (B, h, w, C), int32.
        width: Width of the map, at least `w` cells.
        cell: Height and width of a cell in pixels.

    Returns:
        Boolean scalar.

    Example:

    >>> indices = keras.ops.reshape([5, 2, 12, 15], (1, 2, 2, 1))
    >>> bool(are_in_cells(indices, width=4, cell=(2, 2)))
    True
    """
    offsets = indices - cell_corners(indices, width=width, cell=cell)
    inside = False
    for row in range(cell[0]):
        column = offsets - row * width
        inside |= (column >= 0) & (column < cell[1])
    return ops.all(inside)


def cell_corners(indices, *, width, cell):
    """Indices of the first pixels of cells.

    Args:
        indices: Tensor (B, h, w, C), of which the shape counts.
        width: Width of the map.
        cell: Height and width of a cell in pixels.

    Returns:
        Tensor (h, w, 1), int32.

    Example:

    >>> indices = keras.ops.zeros((1, 2, 2, 1), dtype="int32")
    >>> corners = cell_corners(indices, width=4, cell=(2, 2))
    >>> [int(i) for i in keras.ops.reshape(corners, (-1,))]
    [0, 2, 8, 10]
    """
    height, columns = ops.shape(indices)[1:3]
    y = ops.arange(height, dtype="int32") * cell[0]
    x = ops.arange(columns, dtype="int32") * cell[1]
    return (y[:, None] * width + x)[:, :, None]


def place_in_cells(values, indices, *, size, cell):
    """Writes each value into its cell.

    Args:
        values: Tensor (B, h, w, C).
        indices: Tensor (B, h, w, C), int32, which `are_in_cells`.
        size: Height and width of the map, at least of all cells together.
        cell: Height and width of a cell in pixels.

    Returns:
        Tensor (B, *size, C), zero between the values.
    """
    batch, height, width, channels = ops.shape(values)
    rows = (batch * height, 1, width, 1, channels)
    offsets = ops.reshape(
        indices - cell_corners(indices, width=size[1], cell=cell), rows
    )
    y = ops.arange(cell[0], dtype="int32")[:, None, None, None]
    x = ops.arange(cell[1], dtype="int32")[:, None]
    here = offsets == y * size[1] + x
    maps = ops.where(here, ops.reshape(values, rows), 0)
    inner = height * cell[0], width * cell[1]
    return _grow(ops.reshape(maps, (batch, *inner, channels)), inner, size)


def pick_from_cells(maps, indices, *, cell):
    """Reads the values that `place_in_cells` wrote.

    Args:
        maps: Tensor (B, H, W, C).
        indices: Tensor (B, h, w, C), int32, which `are_in_cells`.
        cell: Height and width of a cell in pixels.

    Returns:
        Tensor (B, h, w, C).
    """
    width = ops.shape(maps)[2]
    offsets = indices - cell_corners(indices, width=width, cell=cell)
    pixels = window_pixels(maps, cell, cell, ops.shape(indices)[1:3])
    places = itertools.product(*map(range, cell))
    return sum(
        ops.where(offsets == row * width + column, pixel, 0)
        for (row, column), pixel in zip(places, pixels)
    )


def place(values, indices, *, size):
    """Writes values anywhere; of several for one pixel, the last one stays.

    Args:
        values: Tensor (B, h, w, C).
        indices: Tensor (B, h, w, C), int32; those outside of the map are
            passed over.
        size: Height and width of the map.

    Returns:
        Tensor (B, *size, C), zero between the values.
    """
    batch, channels = ops.shape(values)[0], ops.shape(values)[3]
    pixels, stays = _last_writes(indices, size)
    written = ops.where(stays, ops.reshape(values, (-1,)), 0)
    count = batch * size[0] * size[1] * channels
    flat = ops.segment_sum(written, pixels, num_segments=count + 1)[:count]
    return ops.reshape(flat, (batch, *size, channels))


def pick(maps, indices):
    """Reads the values that `place` wrote; zero for those it wrote over.

    Args:
        maps: Tensor (B, H, W, C).
        indices: Tensor (B, h, w, C), int32.

    Returns:
        Tensor (B, h, w, C).
    """
    pixels, stays = _last_writes(indices, ops.shape(maps)[1:3])
    flat = ops.reshape(maps, (-1,))
    # The pixel of what lies outside is one beyond the last.
    picked = ops.take(flat, ops.where(stays, pixels, 0), axis=0)
    return ops.reshape(ops.where(stays, picked, 0), ops.shape(indices))


def _last_writes(indices, size):
    """The pixel of each value in the flat maps, and whether it stays there."""
    batch, _, _, channels = ops.shape(indices)
    images = ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1, 1, 1))
    pixels = images * (size[0] * size[1]) + indices
    pixels = pixels * channels + ops.arange(channels, dtype="int32")
    count = batch * size[0] * size[1] * channels
    inside = (indices >= 0) & (indices < size[0] * size[1])
    inside = ops.reshape(inside, (-1,))
    pixels = ops.where(inside, ops.reshape(pixels, (-1,)), count)
    order = ops.arange(ops.shape(pixels)[0], dtype="int32")
    last = ops.segment_max(order, pixels, num_segments=count + 1)
    return pixels, inside & (ops.take(last, pixels, axis=0) == order)


def _grow(maps, old_size, size):
    """Adds zeros below and on the right."""
    below, right = size[0] - old_size[0], size[1] - old_size[1]
    if isinstance(below + right, int) and below == right == 0:
        return maps
    return ops.pad(maps, [[0, 0], [0, below], [0, right], [0, 0]])
