"""Precision and recall of detections, along their scores."""

import dataclasses

import numpy as np

from mtvision.metrics.greedy_matching import match_classes, require_matching
from mtvision.metrics.object_lists import read_images


@dataclasses.dataclass(frozen=True)
class PrecisionRecall:
    """Precision and recall of one class, after each of its detections.

    Attributes:
        scores: Array (N,), falling.
        precision: Array (N,): the share of the detections so far that is
            right.
        recall: Array (N,): the share of the objects that is found so far; NaN
            if there is none.
        num_objects: Number of objects to be found.

    Example:

    >>> curve = PrecisionRecall(
    ...     np.array([0.9, 0.4]), np.array([1, 0.5]), np.array([0.5, 0.5]), 2)
    >>> float(curve.precision[-1]), curve.num_objects
    (0.5, 2)
    """

    scores: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    num_objects: int


def precision_recall_curves(
    truth,
    detections,
    *,
    iou_threshold=0.5,
    num_classes=None,
    max_detections=100,
):
    """Precision and recall of boxes at one IoU, for each class.

    Matched greedily by score, as COCO does: an object counts once, crowds and
    difficult objects make a detection neither right nor wrong.

    Args:
        truth: As for `coco_evaluate`.
        detections: Likewise.
        iou_threshold: IoU that a match needs.
        num_classes: C, or `None` for the largest class that occurs.
        max_detections: Of each image and class only the best count, as in
            COCO; `None` for all.

    Returns:
        List of C `PrecisionRecall`.

    Raises:
        ValueError: Naming the option or the image, if something makes no
            sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4], [8, 0, 9, 9]], "classes": [0, 0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3], [5, 5, 7, 7]], "classes": [0, 0],
    ...           "scores": [0.9, 0.4]}]
    >>> curve, = precision_recall_curves(truth, found)
    >>> curve.precision.tolist(), curve.recall.tolist()
    ([1.0, 0.5], [0.5, 0.5])
    """
    require_matching(iou_threshold, max_detections)
    images, num_classes = read_images(
        truth, detections, num_classes=num_classes
    )
    return [
        precision_recall(*each)
        for each in match_classes(
            images, num_classes, iou_threshold, max_detections=max_detections
        )
    ]


def precision_recall(scores, right, num_objects):
    """Precision and recall from detections that were judged.

    Args:
        scores: Array (N,), falling.
        right: Bool array (N,).
        num_objects: Number of objects to be found.

    Returns:
        `PrecisionRecall`.

    Example:

    >>> right = np.array([True, False, True])
    >>> curve = precision_recall(np.array([0.9, 0.8, 0.7]), right, 4)
    >>> curve.recall.tolist()
    [0.25, 0.25, 0.5]
    """
    hits = np.cumsum(right).astype("float64")
    precision = hits / np.arange(1, len(hits) + 1)
    recall = hits / num_objects if num_objects else np.full(len(hits), np.nan)
    return PrecisionRecall(scores, precision, recall, int(num_objects))


def envelope(precision):
    """The best precision at this recall or a higher one.

    Args:
        precision: Array (N,), by rising recall.

    Returns:
        Array (N,), never rising.

    Example:

    >>> envelope(np.array([0.5, 0.7, 0.2])).tolist()
    [0.7, 0.7, 0.2]
    """
    return np.maximum.accumulate(precision[::-1])[::-1]
