"""Merging of boxes that many windows predict, in place of suppression."""

from keras import ops

from mtvision.ops.boxes import box_area, box_iou
from mtvision.ops.compiling import compiled
from mtvision.ops.exporting import argmax
from mtvision.ops.option_checks import require_not_negative

_NEVER = 1e9


def merge_cost(boxes):
    """How badly each pair of boxes fits together.

    The distance of their centres, in widths and heights of the mean box
    (the longer of the two shares), and 1 minus their IoU. OverFeat's paper
    adds the distance in pixels to the area of the intersection, two numbers
    of different units of which one grows as the pair gets better; this is
    the same thought without units.

    Args:
        boxes: Tensor (B, N, 4), xyxy in pixels.

    Returns:
        Tensor (B, N, N), 0 for equal boxes.

    Example:

    >>> boxes = [[[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0]]]
    >>> round(float(merge_cost(boxes)[0, 0, 1]), 3)
    1.167
    """
    boxes = ops.cast(boxes, "float32")
    low, high = boxes[..., :2], boxes[..., 2:]
    centers, sizes = (low + high) / 2, high - low
    apart = ops.abs(centers[:, :, None] - centers[:, None])
    mean = (sizes[:, :, None] + sizes[:, None]) / 2
    distance = ops.max(apart / ops.maximum(mean, 1e-6), axis=-1)
    return distance + 1 - box_iou(boxes, boxes)


def merge_boxes(boxes, scores, classes, *, threshold=0.8):
    """Merges the pair of boxes that fits best, again and again.

    A merged box is the mean of all boxes that went into it, its score the
    sum of their scores: what many windows agree on counts most. It ends when
    no two boxes of a class fit to `threshold`. No gradient flows.

    Args:
        boxes: Tensor (B, N, 4), xyxy in pixels. N is static.
        scores: Tensor (B, N); 0 or less for padding.
        classes: Int tensor (B, N); boxes of different classes are not merged.
        threshold: Largest `merge_cost` of a pair that is merged.

    Returns:
        `(boxes, scores)` of the same shapes. Rows that were merged into
        others have a score of 0.

    Raises:
        ValueError: If the threshold is negative.

    Example:

    >>> boxes = [[[0.0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60]]]
    >>> merged, scores = merge_boxes(boxes, [[0.5, 0.75, 1]], [[0, 0, 0]])
    >>> [float(v) for v in scores[0]], [float(v) for v in merged[0, 0]]
    ([1.25, 0.0, 1.0], [1.0, 0.0, 11.0, 10.0])

    Reference:
        Sermanet et al., OverFeat, 2013; there a merged box is the mean of
        the last two.
    """
    require_not_negative(threshold, "threshold")
    boxes = ops.stop_gradient(ops.cast(boxes, "float32"))
    scores = ops.maximum(ops.stop_gradient(ops.cast(scores, "float32")), 0.0)
    classes = ops.cast(classes, "int32")
    scores = ops.where(box_area(boxes) > 0, scores, 0.0)
    return _merge(boxes, scores, classes, threshold=float(threshold))


def merge_in_turn(boxes, scores, classes, *, threshold):
    """The steps of `merge_boxes`, one pair of each image at a time."""
    count = boxes.shape[1]
    places = ops.arange(count, dtype="int32")
    upper = places[:, None] < places[None]
    same = classes[:, :, None] == classes[:, None]
    pairs = ops.logical_and(upper, same)

    def best_pairs(boxes, scores):
        alive = scores > 0
        alive = ops.logical_and(alive[:, :, None], alive[:, None])
        allowed = ops.logical_and(pairs, alive)
        cost = ops.where(allowed, merge_cost(boxes), _NEVER)
        cost = ops.reshape(cost, (-1, count * count))
        return argmax(-cost, axis=1), ops.min(cost, axis=1)

    def proceed(boxes, scores, members, pair, cost):
        return ops.any(cost <= threshold)

    def step(boxes, scores, members, pair, cost):
        merged = (cost <= threshold)[:, None]
        first = ops.logical_and(places == (pair // count)[:, None], merged)
        second = ops.logical_and(places == (pair % count)[:, None], merged)
        both = ops.cast(ops.logical_or(first, second), "float32")
        number = ops.sum(both * members, axis=1, keepdims=True)
        mean = ops.sum((both * members)[..., None] * boxes, axis=1)
        mean = mean / ops.maximum(number, 1.0)
        total = ops.sum(both * scores, axis=1, keepdims=True)
        boxes = ops.where(first[..., None], mean[:, None], boxes)
        scores = ops.where(first, total, ops.where(second, 0.0, scores))
        members = ops.where(first, number, members)
        return boxes, scores, members, *best_pairs(boxes, scores)

    state = boxes, scores, ops.ones_like(scores), *best_pairs(boxes, scores)
    boxes, scores, *_ = ops.while_loop(
        proceed, step, state, maximum_iterations=count
    )
    return boxes, scores


_merge = compiled(merge_in_turn)
