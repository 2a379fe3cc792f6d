"""Which detection is which object: greedy by score, as COCO matches."""

import collections

import numpy as np

from mtvision.ops.option_checks import require_count, require_up_to_one

Matches = collections.namedtuple("Matches", "objects ignored")


def pairwise_iou(found, truth, crowd=None):
    """Overlap of every detection with every object, in float64.

    Args:
        found: Array (D, 4), xyxy in pixels.
        truth: Array (M, 4).
        crowd: Bool array (M,) or `None`. Of a crowd, a detection's overlap is
            the share of its own area inside.

    Returns:
        Array (D, M), 0 to 1; 0 for boxes without area.

    Example:

    >>> found, truth = np.array([[0, 0, 4, 4]]), np.array([[0, 0, 4, 2]])
    >>> pairwise_iou(found, truth).tolist()
    [[0.5]]
    """
    found, truth = found[:, None], truth[None]
    low = np.maximum(found[..., :2], truth[..., :2])
    high = np.minimum(found[..., 2:], truth[..., 2:])
    inside = np.maximum(high - low, 0).prod(axis=-1)
    areas = [
        (box[..., 2:] - box[..., :2]).prod(axis=-1) for box in (found, truth)
    ]
    whole = areas[0] + areas[1] - inside
    if crowd is not None:
        whole = np.where(crowd[None], areas[0], whole)
    return np.where(inside > 0, inside / np.where(inside > 0, whole, 1), 0.0)


def match_greedily(overlap, iou_threshold, *, ignored=None, crowd=None):
    """Gives detections, the best first, the objects that they overlap most.

    Args:
        overlap: Array (D, M), detections by falling score.
        iou_threshold: Overlap that a match needs, at least.
        ignored: Bool array (M,): objects that are matched only if no other
            is left, and make the detection neither right nor wrong.
        crowd: Bool array (M,): objects that many detections may match; they
            are ignored too.

    Returns:
        `Matches`, a named tuple of `objects` (D,), int64, -1 for none, and
        `ignored` (D,), bool.

    Example:

    >>> match_greedily(np.array([[0.6, 0.8], [0.6, 0.9]]), 0.5).objects.tolist()
    [1, 0]

    Reference:
        `COCOeval.evaluateImg` of pycocotools, whose rule for equal overlaps
        (the last object wins) it shares.
    """
    number = overlap.shape[1]
    crowd = np.zeros(number, bool) if crowd is None else crowd
    ignored = crowd if ignored is None else ignored | crowd
    # As pycocotools, so that an overlap of 1 passes a threshold of 1.
    enough = overlap >= min(iou_threshold, 1 - 1e-10)
    free = np.ones(number, bool)
    objects = np.full(len(overlap), -1)
    for row, (values, passes) in enumerate(zip(overlap, enough)):
        for kept in (~ignored, ignored):
            open_to = np.flatnonzero(passes & kept & (free | crowd))
            if open_to.size:
                last_best = open_to[::-1][np.argmax(values[open_to[::-1]])]
                objects[row] = last_best
                free[last_best] = False
                break
    hit = objects >= 0
    return Matches(objects, hit & np.append(ignored, False)[objects])


def require_matching(iou_threshold, max_detections):
    """Raises unless these options of a match make sense.

    Args:
        iou_threshold: IoU that a match needs.
        max_detections: How many detections of an image and class count, or
            `None` for all.

    Raises:
        ValueError: Naming the option.

    Example:

    >>> require_matching(0.5, None)
    """
    require_up_to_one(iou_threshold, "iou_threshold")
    if max_detections is not None:
        require_count(max_detections, 1, "max_detections")


def match_classes(images, num_classes, iou_threshold, *, max_detections=100):
    """Matches the detections of each class with the objects of that class.

    Args:
        images: What `read_images` gives.
        num_classes: C.
        iou_threshold: IoU that a match needs.
        max_detections: Of each image and class only the best count, as in
            COCO; `None` for all.

    Returns:
        List of C tuples `(scores, right, number)`: the scores of the
        detections that count, falling, (N,); whether each is right, (N,),
        bool; and the number of objects to be found.

    Example:

    >>> from mtvision.metrics.object_lists import read_images
    >>> truth = [{"boxes": [[0, 0, 4, 4]], "classes": [0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3]], "classes": [0], "scores": [1]}]
    >>> ((scores, right, number),) = match_classes(
    ...     *read_images(truth, found), 0.5)
    >>> scores.tolist(), right.tolist(), number
    ([1.0], [True], 1)
    """
    return [
        _match_class(images, number, iou_threshold, max_detections)
        for number in range(num_classes)
    ]


def _match_class(images, number, iou_threshold, max_detections):
    scores, right, objects = [np.zeros(0)], [np.zeros(0, bool)], 0
    for truth, found in images:
        of_class = truth["classes"] == number
        crowd = truth["crowd"][of_class]
        ignored = crowd | truth["difficult"][of_class]
        objects += int((~ignored).sum())
        rows = np.flatnonzero(found["classes"] == number)
        if not rows.size:
            continue
        rows = rows[by_falling(found["scores"][rows])][:max_detections]
        overlap = pairwise_iou(
            found["boxes"][rows], truth["boxes"][of_class], crowd
        )
        matches = match_greedily(
            overlap, iou_threshold, ignored=ignored, crowd=crowd
        )
        counts = ~matches.ignored
        scores.append(found["scores"][rows][counts])
        right.append((matches.objects >= 0)[counts])
    scores, right = np.concatenate(scores), np.concatenate(right)
    order = by_falling(scores)
    return scores[order], right[order], objects


def by_falling(scores):
    """The order by falling score; equal scores stay as they are.

    Example:

    >>> by_falling(np.array([0.5, 0.9, 0.5])).tolist()
    [1, 0, 2]
    """
    return np.argsort(-scores, kind="stable")
