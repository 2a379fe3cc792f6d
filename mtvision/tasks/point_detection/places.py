"""Where points of the truth lie in maps."""

import collections

from keras import ops

from mtvision.ops.map_cells import cell_size

Places = collections.namedtuple("Places", "cells rows fractions found")


def find_places(points, present, cells):
    """The cell of each point.

    A point on the far border of the map belongs to the last cell.

    Args:
        points: Tensor (B, N, 2), x and y in pixels.
        present: Bool tensor (B, N).
        cells: Tensor (B, h, w, 4), the boxes of the cells in pixels.

    Returns:
        `Places`, a named tuple of
        `cells` (B, N, 2), int32: column and row;
        `rows` (B, N), int32: `y * w + x`;
        `fractions` (B, N, 2), float32: where in its cell, from 0 to 1;
        `found` (B, N), bool: present, and inside of the map.

    Example:

    >>> cells = np.array([[[[0, 0, 4, 4], [4, 0, 8, 4]]]], "float32")
    >>> places = find_places([[[5.0, 1.0]]], [[True]], cells)
    >>> int(places.rows[0, 0]), [float(v) for v in places.fractions[0, 0]]
    (1, [0.25, 0.25])
    """
    points = ops.cast(points, "float32")
    height, width = ops.shape(cells)[1:3]
    limits = ops.cast(ops.stack([width, height]), "float32")
    position = (points - cells[0, 0, 0, :2]) / cell_size(cells)
    inside = ops.logical_and(position >= 0, position <= limits)
    found = ops.logical_and(ops.all(inside, axis=-1), present)
    cell = ops.minimum(ops.floor(position), limits - 1)
    cell = ops.where(ops.expand_dims(found, -1), cell, 0.0)
    fractions = ops.where(ops.expand_dims(found, -1), position - cell, 0.0)
    cell = ops.cast(cell, "int32")
    rows = cell[..., 1] * width + cell[..., 0]
    return Places(cell, rows, fractions, found)


def box_sizes(boxes, cells):
    """Widths and heights of boxes.

    Args:
        boxes: Tensor (B, M, 4), xyxy in pixels.
        cells: Tensor (B, h, w, 4).

    Returns:
        Tensor (B, M, 2), in cells.

    Example:

    >>> cells = np.array([[[[0, 0, 4, 4]]]], "float32")
    >>> sizes = box_sizes(np.array([[[0.0, 1.0, 8.0, 2.0]]]), cells)
    >>> [float(v) for v in sizes[0, 0]]
    [2.0, 0.25]
    """
    return (boxes[..., 2:] - boxes[..., :2]) / cell_size(cells)


def box_centers(boxes):
    """Centres of boxes.

    Args:
        boxes: Tensor (B, M, 4), xyxy in pixels.

    Returns:
        Tensor (B, M, 2), x and y in pixels.

    Example:

    >>> [float(v) for v in box_centers(np.array([0.0, 1.0, 8.0, 2.0]))]
    [4.0, 1.5]
    """
    return (boxes[..., :2] + boxes[..., 2:]) / 2
