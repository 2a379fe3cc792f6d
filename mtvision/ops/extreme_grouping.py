"""Boxes from four extreme points and a centre."""

import collections

from keras import ops

from mtvision.ops.detections import top_candidates
from mtvision.ops.exporting import map_rows

# Points (B, K) of one kind: scores; columns and rows of their cells; exact
# positions in cells; classes.
Peaks = collections.namedtuple("Peaks", "scores columns rows x y classes")


def group_extremes(
    peaks, centers, *, num_groups=1000, peak_threshold=0.1, center_threshold=0.1
):
    """The best fours of extreme points that have a centre in their middle.

    Every four of one class is looked at, K ** 4 of them, those of one top
    point at a time, so that memory grows with K ** 3. A four counts if no
    point lies beyond the side that another one marks, and if the heat map of
    centres is high enough in the middle of the box. Its score is the mean of
    its four points and that centre.

    Args:
        peaks: Four `Peaks`: top, left, bottom, right.
        centers: Tensor (B, h, w, C), the heat map of centres.
        num_groups: N.
        peak_threshold: Points of a lower score take no part.
        center_threshold: The least score of the centre.

    Returns:
        `(boxes, scores, classes)`: (B, N, 4), xyxy in cells; (B, N), minus
        infinity for padding; (B, N), int32.

    Example:

    >>> def point(x, y):
    ...     values = (0.5, x, y, x + 0.5, y + 0.5, 0)
    ...     return Peaks(*(np.array([[v]]) for v in values))
    >>> peaks = point(2, 0), point(0, 2), point(2, 4), point(4, 2)
    >>> boxes, scores, _ = group_extremes(peaks, np.ones((1, 5, 5, 1)))
    >>> [float(v) for v in boxes[0, 0]], round(float(scores[0, 0]), 2)
    ([0.5, 0.5, 4.5, 4.5], 0.6)

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019. Their code counts the centre twice.
    """
    peaks = [_as_tensors(points, peak_threshold) for points in peaks]
    top, others = peaks[0], peaks[1:]
    count = top.scores.shape[1]
    centers = ops.cast(centers, "float32")

    def best_of_one(point):
        scores = _score(Peaks(*point), others, centers, center_threshold)
        flat = ops.reshape(scores, (-1, count**3))
        return ops.top_k(flat, min(num_groups, count**3))

    # The k-th top point of all images at a time.
    points = tuple(ops.transpose(field)[..., None, None, None] for field in top)
    scores, fours = map_rows(best_of_one, points)
    scores = ops.transpose(scores, (1, 0, 2))
    fours = ops.transpose(ops.cast(fours, "int32"), (1, 0, 2))
    each = scores.shape[2]
    scores, tops, rests = top_candidates(scores, num_groups)
    fours = ops.reshape(fours, (-1, count * each))
    fours = ops.take_along_axis(fours, tops * each + rests, axis=1)
    left, bottom, right = others
    sides = [
        (left.x, fours // count**2),
        (top.y, tops),
        (right.x, fours % count),
        (bottom.y, fours // count % count),
    ]
    boxes = [ops.take_along_axis(v, rows, axis=1) for v, rows in sides]
    classes = ops.take_along_axis(top.classes, tops, axis=1)
    return ops.stack(boxes, axis=-1), scores, classes


def suppress_ghosts(boxes, scores, classes, *, ratio=3.0):
    """Halves the scores of boxes that span several better ones.

    Three equal objects in a row have extreme points that also make one large
    box around all. Where the scores of the boxes inside of a box, of its own
    class, add up to more than `ratio` times its score, that is halved.

    Args:
        boxes: Tensor (B, D, 4), xyxy.
        scores: Tensor (B, D), 0 for padding.
        classes: Int tensor (B, D).
        ratio: Number.

    Returns:
        Tensor (B, D), scores.

    Example:

    >>> boxes = [[[0.0, 0, 9, 3], [0, 0, 3, 3], [3, 0, 6, 3], [6, 0, 9, 3]]]
    >>> scores = suppress_ghosts(boxes, [[0.5, 0.9, 0.9, 0.9]], [[0] * 4])
    >>> round(float(scores[0, 0]), 2)
    0.25

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019.
    """
    boxes = ops.cast(boxes, "float32")
    scores = ops.cast(scores, "float32")
    classes = ops.cast(classes, "int32")
    outer, inner = boxes[:, :, None], boxes[:, None]
    inside = ops.logical_and(
        ops.all(inner[..., :2] >= outer[..., :2], axis=-1),
        ops.all(inner[..., 2:] <= outer[..., 2:], axis=-1),
    )
    inside = ops.logical_and(inside, classes[:, :, None] == classes[:, None])
    total = ops.sum(ops.where(inside, scores[:, None], 0.0), axis=-1)
    # Each box is inside of itself.
    is_ghost = total - scores > ratio * scores
    return ops.where(is_ghost, scores / 2, scores)


def _as_tensors(points, threshold):
    scores = ops.cast(points.scores, "float32")
    return Peaks(
        ops.where(scores >= threshold, scores, float("-inf")),
        *(ops.cast(v, "int32") for v in (points.columns, points.rows)),
        *(ops.cast(v, "float32") for v in (points.x, points.y)),
        ops.cast(points.classes, "int32"),
    )


def _score(top, others, centers, threshold):
    """Scores (B, K, K, K) of one top point (B, 1, 1, 1) with all others."""
    shapes = (slice(None), None, None), (None, slice(None), None)
    shapes = *shapes, (None, None, slice(None))
    left, bottom, right = (
        Peaks(*(field[(slice(None), *shape)] for field in points))
        for points, shape in zip(others, shapes)
    )
    valid = (top.rows < bottom.rows) & (left.columns < right.columns)
    for side in (left, right):
        valid = valid & (top.rows <= side.rows) & (side.rows <= bottom.rows)
        valid = valid & (side.classes == top.classes)
    for side in (top, bottom):
        valid = valid & (left.columns <= side.columns)
        valid = valid & (side.columns <= right.columns)
    valid = valid & (bottom.classes == top.classes)
    center = _center_scores(centers, top, left, bottom, right)
    valid = valid & (center >= threshold)
    total = top.scores + left.scores + bottom.scores + right.scores + center
    return ops.where(valid, total / 5, float("-inf"))


def _center_scores(centers, top, left, bottom, right):
    height, width, classes = ops.shape(centers)[1:]
    column = ops.cast(ops.floor((left.x + right.x) / 2), "int32")
    row = ops.cast(ops.floor((top.y + bottom.y) / 2), "int32")
    column = ops.clip(column, 0, width - 1)
    row = ops.clip(row, 0, height - 1)
    place = (row * width + column) * classes + top.classes
    shape = ops.shape(place)
    flat = ops.reshape(centers, (shape[0], -1))
    place = ops.reshape(place, (shape[0], -1))
    return ops.reshape(ops.take_along_axis(flat, place, axis=1), shape)
