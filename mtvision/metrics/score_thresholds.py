"""What a threshold on the score lets through."""

import numpy as np

from mtvision.metrics.greedy_matching import match_classes, require_matching
from mtvision.metrics.object_lists import read_images


def score_threshold_table(
    truth,
    detections,
    *,
    thresholds=None,
    iou_threshold=0.5,
    class_number=None,
    num_classes=None,
    max_detections=100,
):
    """Precision, recall and F1 of boxes at thresholds of their scores.

    Args:
        truth: As for `coco_evaluate`.
        detections: Likewise.
        thresholds: Array (S,): a detection with at least that score is kept;
            default 0.05, 0.1, ..., 0.95.
        iou_threshold: IoU that a match needs.
        class_number: The class to judge; `None` for the sum over all.
        num_classes: C, or `None` for the largest class that occurs.
        max_detections: Of each image and class only the best count, as in
            COCO; `None` for all.

    Returns:
        Dict of arrays (S,): `threshold`; `right`, `wrong` and `missed`, the
        numbers of detections and objects; `precision`, 1 where nothing is
        kept; `recall`, NaN if there is no object; `f1`.

    Raises:
        ValueError: Naming the option or the image, if something makes no
            sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4], [8, 0, 9, 9]], "classes": [0, 0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3], [5, 5, 7, 7]], "classes": [0, 0],
    ...           "scores": [0.9, 0.4]}]
    >>> table = score_threshold_table(truth, found, thresholds=[0.3, 0.5])
    >>> table["precision"].tolist(), table["recall"].tolist()
    ([0.5, 1.0], [0.5, 0.5])
    """
    require_matching(iou_threshold, max_detections)
    thresholds = _thresholds(thresholds)
    images, num_classes = read_images(
        truth, detections, num_classes=num_classes
    )
    if class_number is not None and not 0 <= class_number < num_classes:
        raise ValueError(
            f"Expected class_number from 0 to {num_classes - 1}, received "
            f"{class_number}."
        )
    judged = match_classes(
        images, num_classes, iou_threshold, max_detections=max_detections
    )
    if class_number is not None:
        judged = [judged[class_number]]
    scores = np.concatenate([each[0] for each in judged] or [np.zeros(0)])
    right = np.concatenate([each[1] for each in judged] or [np.zeros(0, bool)])
    return _table(
        thresholds,
        scores,
        right,
        sum(number for _, _, number in judged),
    )


def _thresholds(given):
    if given is None:
        return np.arange(1, 20) / 20
    thresholds = np.asarray(given, "float64")
    if thresholds.ndim != 1 or not np.isfinite(thresholds).all():
        raise ValueError(
            "Expected thresholds (S,) of finite numbers, received "
            f"{given!r:.60}."
        )
    return thresholds


def _table(thresholds, scores, right, num_objects):
    # Whether a detection is right depends on those with higher scores only.
    kept = scores >= thresholds[:, None]
    hits = (kept & right).sum(axis=1)
    number = kept.sum(axis=1)
    return {
        "threshold": thresholds,
        "right": hits,
        "wrong": number - hits,
        "missed": num_objects - hits,
        "precision": _share(hits, number, 1.0),
        "recall": _share(hits, np.full_like(hits, num_objects), np.nan),
        "f1": _share(2 * hits, number + num_objects, np.nan),
    }


def _share(part, whole, otherwise):
    return np.where(whole > 0, part / np.maximum(whole, 1), otherwise)
