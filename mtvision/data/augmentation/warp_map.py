"""Sampling maps and masks, one value a pixel, along a matrix."""

import numpy as np

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.warp_image import TOLERANCE
from mtvision.data.resizing import as_signed


def source_pixels(matrix, shape, size):
    """Which old pixel each new one shows.

    Args:
        matrix: (3, 3), from old to new pixel coordinates.
        shape: (height, width) of the old map.
        size: (height, width) of the new one.

    Returns:
        Int array (height, width) of places in the flattened old map; -1 where
        a new pixel comes from outside.

    Example:

    >>> source_pixels(matrices.translate(1, 0), (1, 3), (1, 3)).tolist()
    [[-1, 0, 1]]
    """
    inverse = matrices.invert(matrix)
    inverse[:2, 2] += TOLERANCE
    x, y = np.arange(size[1]) + 0.5, np.arange(size[0])[:, None] + 0.5
    upright = inverse[0, 1] == 0 and inverse[1, 0] == 0
    columns = inverse[0, 0] * x + inverse[0, 2]
    rows = inverse[1, 1] * y + inverse[1, 2]
    if not upright:
        columns = columns + inverse[0, 1] * y
        rows = rows + inverse[1, 0] * x
    inside = (columns >= 0) & (columns < shape[1])
    inside = inside & ((rows >= 0) & (rows < shape[0]))
    # Rounds towards 0, which is down where it counts.
    places = rows.astype("int64") * shape[1] + columns.astype("int64")
    return np.where(inside, places, -1)


def warp_map(array, pixels, outside):
    """Takes the pixels of a map.

    Args:
        array: (H, W) or (H, W, C).
        pixels: What `source_pixels` returns.
        outside: Value where a new pixel comes from outside.

    Returns:
        New array of the type of the map, or int32 if the map holds integers or
        bools: these can tell what lies outside, -1.

    Example:

    >>> pixels = source_pixels(matrices.translate(1, 0), (1, 3), (1, 3))
    >>> warp_map(np.array([[7, 8, 9]]), pixels, -1).tolist()
    [[-1, 7, 8]]
    """
    flat = array.reshape(-1, *array.shape[2:])
    moved = as_signed(flat[pixels])
    moved[pixels < 0] = outside
    return moved
