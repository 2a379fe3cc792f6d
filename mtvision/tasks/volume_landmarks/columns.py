"""The columns of maps of volumes and of truths, named here and nowhere else.

A cell is described by z1, y1, x1, z2, y2, x2 in voxels.
"""

import collections

from keras import ops

Truth = collections.namedtuple("Truth", "points present known")

CELL = 6


def join(values, cell_size):
    """Puts the cell that they belong to behind the values of a map.

    So whoever gets the map knows where it lies in the volume.

    Args:
        values: Tensor (B, d, h, w, V).
        cell_size: Voxels that a cell spans along each axis, three numbers.

    Returns:
        Tensor (B, d, h, w, V + 6), float32.

    Example:

    >>> maps = join(np.zeros((1, 1, 2, 3, 5)), (2, 4, 4))
    >>> [float(v) for v in maps[0, 0, 1, 2, 5:]]
    [0.0, 4.0, 8.0, 2.0, 8.0, 12.0]
    """
    values = ops.cast(values, "float32")
    sizes = ops.shape(values)[1:4]
    starts = [
        ops.arange(number, dtype="float32") * side
        for number, side in zip(sizes, cell_size)
    ]
    corners = ops.stack(ops.meshgrid(*starts, indexing="ij"), axis=-1)
    sides = ops.convert_to_tensor(cell_size, dtype="float32")
    cells = ops.concatenate([corners, corners + sides], axis=-1)
    # Added, as the batch may be unknown.
    cells = ops.zeros_like(values[..., :1]) + cells
    return ops.concatenate([values, cells], axis=-1)


def split(maps):
    """Takes maps apart: the reverse of `join`.

    Args:
        maps: Tensor (B, d, h, w, V + 6).

    Returns:
        `(values, centres, sides)`: tensors (B, d, h, w, V) and twice
        (B, d, h, w, 1, 3), float32; centres and sides of the cells, in voxels.

    Example:

    >>> maps = join(np.zeros((1, 1, 1, 2, 5)), (2, 4, 4))
    >>> values, centres, sides = split(maps)
    >>> [float(v) for v in centres[0, 0, 0, 1, 0]]
    [1.0, 2.0, 6.0]
    """
    maps = ops.cast(maps, "float32")
    # The cells are constants.
    cells = ops.stop_gradient(maps[..., None, -CELL:])
    low, high = cells[..., :3], cells[..., 3:]
    return maps[..., :-CELL], (low + high) / 2, high - low


def vectors(values):
    """Displacements (B, d, h, w, K * 3) as (B, d, h, w, K, 3)."""
    shape = (*ops.shape(values)[:4], values.shape[-1] // 3, 3)
    return ops.reshape(values, shape)


def read_truth(y_true):
    """Landmarks of a truth, and what is known of them.

    Args:
        y_true: Tensor (B, K, 4): z, y, x in voxels, and 1 where the landmark
            is there, 0 where it is not, NaN or -1 where that is not known.

    Returns:
        `Truth`, a named tuple of
        `points` (B, K, 3), zeros where there is none;
        `present` (B, K), bool: it is there, and all its numbers are known;
        `known` (B, K), bool: it is present, or known to be absent.

    Example:

    >>> nan = float("nan")
    >>> rows = [[1.0, 2, 3, 1], [nan, nan, nan, 0], [0, 0, 0, -1]]
    >>> truth = read_truth([rows])
    >>> [bool(x) for x in truth.present[0]], [bool(x) for x in truth.known[0]]
    ([True, False, False], [True, True, False])
    """
    y_true = ops.cast(y_true, "float32")
    if len(y_true.shape) != 3 or y_true.shape[2] != 4:
        raise ValueError(
            "Expected landmarks (B, K, 4): z, y, x in voxels and 1 where the "
            f"landmark is there; received shape {tuple(y_true.shape)}."
        )
    points, flag = y_true[..., :3], y_true[..., 3]
    # False for NaN.
    placed = ops.all(ops.abs(points) < 1e9, axis=-1)
    present = ops.logical_and(flag > 0, placed)
    known = ops.logical_or(present, flag == 0)
    return Truth(ops.where(present[..., None], points, 0.0), present, known)
