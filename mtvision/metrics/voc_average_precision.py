"""Pascal VOC's average precision."""

import dataclasses

import numpy as np

from mtvision.metrics.greedy_matching import by_falling, pairwise_iou
from mtvision.metrics.object_lists import read_images
from mtvision.metrics.precision_recall import envelope, precision_recall
from mtvision.ops.option_checks import require_up_to_one


@dataclasses.dataclass(frozen=True)
class VocResult:
    """Pascal VOC's average precision.

    Attributes:
        score: The mean over the classes that have an object; NaN if none has.
        class_scores: Array (C,); NaN for a class without an object.
        curves: List of C `PrecisionRecall`.

    Example:

    >>> objects = [{"boxes": [[0, 0, 4, 4]], "classes": [0]}]
    >>> found = [objects[0] | {"scores": [0.9]}]
    >>> result = mtv.metrics.voc_average_precision(objects, found)
    >>> result.score, result.curves[0].num_objects
    (1.0, 1)
    """

    score: float
    class_scores: np.ndarray
    curves: list


def voc_average_precision(
    truth, detections, *, iou_threshold=0.5, kind="area", num_classes=None
):
    """Average precision of boxes as Pascal VOC takes it.

    Unlike in COCO, a detection is judged by the object of its class that it
    overlaps most, even if that is taken already: then it is wrong. One whose
    object is difficult, or a crowd, does not count.

    Args:
        truth: As for `coco_evaluate`.
        detections: Likewise.
        iou_threshold: IoU that a match needs.
        kind: `"area"` under the curve of precision over recall, the precision
            taken as the best at that recall or a higher one (since 2010); or
            `"11-point"`, its mean at the recalls 0, 0.1, ..., 1 (before).
        num_classes: C, or `None` for the largest class that occurs.

    Returns:
        `VocResult`.

    Raises:
        ValueError: If `kind` is neither, the threshold is no IoU, or naming
            the image if something makes no sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4], [8, 0, 9, 9]], "classes": [0, 0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3]], "classes": [0], "scores": [0.9]}]
    >>> voc_average_precision(truth, found).score
    0.5

    Reference:
        Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge",
        2010, and the development kit of 2012.
    """
    if kind not in ("area", "11-point"):
        raise ValueError(
            f"Expected kind to be 'area' or '11-point', received {kind!r}."
        )
    require_up_to_one(iou_threshold, "iou_threshold")
    images, num_classes = read_images(
        truth, detections, num_classes=num_classes
    )
    curves = [
        precision_recall(*_judged(images, number, iou_threshold))
        for number in range(num_classes)
    ]
    average = _area if kind == "area" else _eleven_points
    scores = np.array([average(c) if c.num_objects else np.nan for c in curves])
    known = scores[~np.isnan(scores)]
    mean = float(known.mean()) if known.size else float("nan")
    return VocResult(mean, scores, curves)


def _judged(images, number, iou_threshold):
    """Scores, whether they are right, and the number of objects."""
    pairs = [_of_class(image, number) for image in images]
    num_objects = sum(int((~ignored).sum()) for _, ignored, _, _ in pairs)
    places = np.repeat(
        np.arange(len(pairs)), [len(scores) for _, _, _, scores in pairs]
    )
    scores = np.concatenate([scores for _, _, _, scores in pairs])
    found = np.concatenate([boxes for _, _, boxes, _ in pairs])
    order = by_falling(scores)
    taken = [np.zeros(len(boxes), bool) for boxes, _, _, _ in pairs]
    right, counts = np.zeros(len(order), bool), np.ones(len(order), bool)
    for place, row in enumerate(order):
        boxes, ignored, _, _ = pairs[places[row]]
        overlap = pairwise_iou(found[row : row + 1], boxes)[0]
        best = int(np.argmax(overlap)) if overlap.size else -1
        if best < 0 or overlap[best] < iou_threshold:
            continue
        counts[place] = not ignored[best]
        right[place] = not taken[places[row]][best]
        taken[places[row]][best] = True
    return scores[order][counts], right[counts], num_objects


def _of_class(image, number):
    truth, found = image
    of_class, rows = (each["classes"] == number for each in image)
    ignored = truth["difficult"] | truth["crowd"]
    return (
        truth["boxes"][of_class],
        ignored[of_class],
        found["boxes"][rows],
        found["scores"][rows],
    )


def _area(curve):
    recall = np.concatenate([[0.0], curve.recall])
    return float((np.diff(recall) * envelope(curve.precision)).sum())


def _eleven_points(curve):
    # Rounded as in the translations to Python, by which VOC is compared.
    return float(
        np.mean(
            [
                curve.precision[curve.recall >= level].max(initial=0.0)
                for level in np.arange(0.0, 1.1, 0.1)
            ]
        )
    )
