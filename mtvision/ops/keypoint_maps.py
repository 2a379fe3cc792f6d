"""Heat maps of key points: drawing, and peaks between the cells.

Positions are in cells of the map: the centre of the first is at 0, its left
border at -0.5.
"""

from keras import ops

from mtvision.ops.exporting import argmax
from mtvision.ops.shapes import require_rank

# What the logarithm is taken of, at least.
LOWEST = 1e-9
# A parabola flatter than this has no peak.
FLAT = 1e-6


def draw_keypoint_maps(points, map_size, *, sigma):
    """A Gaussian of height 1 at each point, between the cells if it is there.

    Args:
        points: Tensor (B, K, 2), x and y in cells, finite; far outside of the
            map a point leaves no trace.
        map_size: Height and width of the map: numbers or scalar tensors.
        sigma: Standard deviation in cells.

    Returns:
        Tensor (B, h, w, K), float32.

    Example:

    >>> maps = draw_keypoint_maps([[[1.0, 0.0]]], (1, 3), sigma=1.0)
    >>> [round(float(v), 3) for v in maps[0, 0, :, 0]]
    [0.607, 1.0, 0.607]

    Reference:
        Tompson et al., Joint Training of a Convolutional Network and a
        Graphical Model for Human Pose Estimation, 2014.
    """
    points = ops.cast(points, "float32")
    height, width = map_size

    def bell(centres, length):
        away = ops.arange(length, dtype="float32") - centres[..., None]
        return ops.exp(-ops.square(away / sigma) / 2)

    columns, rows = bell(points[..., 0], width), bell(points[..., 1], height)
    return ops.einsum("bkh,bkw->bhwk", rows, columns)


def find_keypoint_peaks(maps):
    """Where maps are highest, to a fraction of a cell.

    From the highest cell, along each axis, to the top of the parabola through
    the logarithms of three values: that of a Gaussian is a parabola, so that
    `draw_keypoint_maps` is read back exactly, wherever in the map the point
    lies. Never more than half a cell is gone. No gradient flows.

    Args:
        maps: Tensor (B, h, w, K).

    Returns:
        `(points, values)`: (B, K, 2), x and y in cells, and (B, K), the
        value of the highest cell; both float32.

    Raises:
        ValueError: If the maps are of another rank.

    Example:

    >>> maps = draw_keypoint_maps([[[1.3, 2.4]]], (5, 4), sigma=2.0)
    >>> points, _ = find_keypoint_peaks(maps)
    >>> [round(float(v), 4) for v in points[0, 0]]
    [1.3, 2.4]

    Reference:
        Zhang et al., Distribution-Aware Coordinate Representation for Human
        Pose Estimation, 2020, along each axis by itself.
    """
    maps = ops.stop_gradient(ops.cast(maps, "float32"))
    require_rank(maps.shape, 4, "maps (B, h, w, K)")
    batch, height, width, number = ops.shape(maps)
    planes = ops.reshape(maps, (batch, height * width, number))
    best = argmax(planes, axis=1)
    x, y = best % width, best // width

    def value_at(x, y):
        place = ops.expand_dims(y * width + x, 1)
        return ops.take_along_axis(planes, place, axis=1)[:, 0]

    points = [
        _peak(lambda k: value_at(k, y), x, width),
        _peak(lambda k: value_at(x, k), y, height),
    ]
    return ops.stack(points, axis=-1), value_at(x, y)


def _peak(value_at, highest, length):
    """The top of a parabola near the highest cell of an axis, (B, K)."""
    # At the border the three cells next to it tell as much.
    middle = ops.clip(highest, 1, ops.maximum(length - 2, 1))
    before, here, after = (
        ops.log(ops.maximum(value_at(ops.minimum(k, length - 1)), LOWEST))
        for k in (middle - 1, middle, middle + 1)
    )
    bend = before + after - 2 * here
    has_top = ops.logical_and(bend < -FLAT, length > 2)
    way = (before - after) / (2 * ops.where(has_top, bend, -1.0))
    highest, middle = (ops.cast(k, "float32") for k in (highest, middle))
    top = ops.where(has_top, middle + way, highest)
    return ops.clip(top, highest - 0.5, highest + 0.5)
