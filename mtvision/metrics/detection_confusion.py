"""Which classes detections are taken for, and what they miss."""

import numpy as np

from mtvision.metrics.greedy_matching import (
    by_falling,
    match_greedily,
    pairwise_iou,
    require_matching,
)
from mtvision.metrics.object_lists import read_images
from mtvision.ops.option_checks import require_finite


def detection_confusion(
    truth,
    detections,
    *,
    iou_threshold=0.5,
    score_threshold=0.5,
    num_classes=None,
    max_detections=100,
):
    """Confusion matrix of boxes, with the background as last class.

    First, detections are matched with the objects of their own class, as
    COCO does, then those that are left over with the objects that are left
    over. So the diagonal is `right` of `score_threshold_table`.

    Args:
        truth: As for `coco_evaluate`.
        detections: Likewise.
        iou_threshold: IoU that a match needs.
        score_threshold: Detections below it are left out.
        num_classes: C, or `None` for the largest class that occurs.
        max_detections: Of each image and class only the best count, as in
            COCO; `None` for all.

    Returns:
        Int array (C + 1, C + 1): row = class of the object, column = that of
        the detection; the last row counts detections of what is no object,
        the last column objects that nothing found. Crowds, difficult objects
        and the detections that they match are left out.

    Raises:
        ValueError: Naming the option or the image, if something makes no
            sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4], [8, 0, 9, 9]], "classes": [0, 1]}]
    >>> found = [{"boxes": [[0, 0, 4, 3], [5, 5, 7, 7]], "classes": [1, 1],
    ...           "scores": [0.9, 0.8]}]
    >>> detection_confusion(truth, found).tolist()
    [[0, 1, 0], [0, 0, 1], [0, 1, 0]]
    """
    require_matching(iou_threshold, max_detections)
    require_finite(score_threshold, "score_threshold")
    images, num_classes = read_images(
        truth, detections, num_classes=num_classes
    )
    counts = np.zeros((num_classes + 1,) * 2, "int64")
    for truth, found in images:
        found = _kept(found, score_threshold, max_detections)
        rows, columns = _pairs(truth, found, iou_threshold, num_classes)
        np.add.at(counts, (rows, columns), 1)
    return counts


def _kept(found, score_threshold, max_detections):
    """Detections by falling score, the best of each class."""
    order = by_falling(found["scores"])
    order = order[found["scores"][order] >= score_threshold]
    classes = found["classes"][order]
    rank = np.array(
        [(classes[:row] == each).sum() for row, each in enumerate(classes)]
    )
    if max_detections is not None and len(order):
        order = order[rank < max_detections]
    return {field: value[order] for field, value in found.items()}


def _pairs(truth, found, iou_threshold, background):
    """Classes of objects and of detections that belong together."""
    crowd = truth["crowd"]
    ignored = crowd | truth["difficult"]
    overlap = pairwise_iou(found["boxes"], truth["boxes"], crowd)
    same = found["classes"][:, None] == truth["classes"]
    matches = match_greedily(
        np.where(same, overlap, -1.0),
        iou_threshold,
        ignored=ignored,
        crowd=crowd,
    )
    objects = matches.objects
    left = np.flatnonzero(objects < 0)
    taken = ignored | np.isin(np.arange(len(crowd)), objects)
    others = np.flatnonzero(~taken)
    second = match_greedily(overlap[np.ix_(left, others)], iou_threshold)
    objects[left] = np.append(others, -1)[second.objects]
    counted = ~matches.ignored
    missed = ~ignored & ~np.isin(np.arange(len(crowd)), objects)
    of_objects = np.append(truth["classes"], background)[objects[counted]]
    return (
        np.concatenate([of_objects, truth["classes"][missed]]),
        np.concatenate(
            [found["classes"][counted], np.full(missed.sum(), background)]
        ),
    )
