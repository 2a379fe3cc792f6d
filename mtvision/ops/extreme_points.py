"""The four outermost points of masks."""

from keras import ops

TOP, LEFT, BOTTOM, RIGHT = range(4)


def extreme_points(masks):
    """Where masks touch the top, left, bottom and right side of their box.

    Along each side the point is in the middle of the first run of pixels
    that touch it, from the left or from the top.

    Args:
        masks: Tensor (..., H, W), not 0 inside the object.

    Returns:
        `(points, found)`: tensor (..., 4, 2), float32, x and y in pixels, on
        the edges of pixels, zeros for a mask without a pixel; and bool
        tensor (...), whether there is any.

    Example:

    >>> points, _ = extreme_points([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0]])
    >>> [[float(v) for v in point] for point in points]
    [[2.0, 1.0], [1.0, 2.0], [1.5, 3.0], [3.0, 1.5]]

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019, which takes the middle of a run that may lean.
    """
    inside = ops.cast(masks, "bool")
    rows, columns = ops.any(inside, axis=-1), ops.any(inside, axis=-2)
    top, bottom = _ends(rows)
    left, right = _ends(columns)
    points = [
        [_middle(_row(inside, top)), top],
        [left, _middle(_column(inside, left))],
        [_middle(_row(inside, bottom)), bottom + 1],
        [right + 1, _middle(_column(inside, right))],
    ]
    points = ops.stack(
        [
            ops.stack([ops.cast(v, "float32") for v in point], axis=-1)
            for point in points
        ],
        axis=-2,
    )
    found = ops.any(rows, axis=-1)
    return ops.where(found[..., None, None], points, 0.0), found


def _ends(flags):
    """First and last place of a flag, (...), int32."""
    length = ops.shape(flags)[-1]
    places = ops.arange(length, dtype="int32")
    first = ops.min(ops.where(flags, places, length), axis=-1)
    return first, ops.max(ops.where(flags, places, -1), axis=-1)


def _row(inside, row):
    places = ops.arange(ops.shape(inside)[-2], dtype="int32")
    picked = (places == row[..., None])[..., None]
    return ops.any(ops.logical_and(inside, picked), axis=-2)


def _column(inside, column):
    places = ops.arange(ops.shape(inside)[-1], dtype="int32")
    picked = (places == column[..., None])[..., None, :]
    return ops.any(ops.logical_and(inside, picked), axis=-1)


def _middle(flags):
    """Middle of the first run of flags, on the edges of pixels."""
    length = ops.shape(flags)[-1]
    places = ops.arange(length, dtype="int32")
    first, _ = _ends(flags)
    beyond = ops.logical_and(ops.logical_not(flags), places > first[..., None])
    end = ops.min(ops.where(beyond, places, length), axis=-1)
    return ops.cast(first + end, "float32") / 2
