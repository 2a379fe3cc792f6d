"""How well phrases of regions are placed and worded."""

import dataclasses

import numpy as np

from mtvision.metrics.greedy_matching import by_falling, pairwise_iou
from mtvision.metrics.object_checks import (
    require_boxes,
    require_classes,
    require_fields,
    require_no_slip,
    require_rows,
    require_scores,
    with_rank,
)
from mtvision.metrics.precision_recall import precision_recall
from mtvision.ops.option_checks import require_within

IOU_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
ACCURACY_THRESHOLDS = (0.25, 0.5, 0.75, 1.0)
# IoU from which on words are compared.
MATCH = 0.5
OF_TRUTH = ("boxes", "classes", "phrases")
OF_DETECTIONS = (*OF_TRUTH, "scores")


@dataclasses.dataclass(frozen=True)
class DenseCaptioningResult:
    """What the evaluation of phrases of regions gives.

    Attributes:
        scores: Dict from name to score, 0 to 1; NaN without an object.
            `AP`: the mean of `average_precision`; `AP_boxes`: that of the
            places alone, whatever the words, over the same IoU thresholds;
            `token_accuracy`, `phrase_accuracy`: of the detections that are
            the best scored of their object, with an IoU of 0.5 or more, the
            mean token accuracy and the share with exactly its phrase.
        average_precision: Array (I, A), for each IoU threshold and each
            threshold of the token accuracy.
        iou_thresholds: Array (I,).
        accuracy_thresholds: Array (A,).

    Example:

    >>> objects = {"boxes": [[0, 0, 4, 4]], "classes": [0], "phrases": [[2, 3]]}
    >>> found = objects | {"scores": [0.9]}
    >>> result = mtv.metrics.dense_captioning_evaluate([objects], [found])
    >>> result.scores["AP"], result.scores["phrase_accuracy"]
    (1.0, 1.0)
    """

    scores: dict
    average_precision: np.ndarray
    iou_thresholds: np.ndarray
    accuracy_thresholds: np.ndarray


def dense_captioning_evaluate(
    truth,
    detections,
    *,
    iou_thresholds=IOU_THRESHOLDS,
    accuracy_thresholds=ACCURACY_THRESHOLDS,
):
    """Mean average precision of places and words together.

    A detection is judged by the object of its image that it overlaps most,
    of whatever class; if a detection of a higher score has the same object,
    it is wrong. At a pair of thresholds it is right if its IoU with the
    object and its token accuracy reach them. Token accuracy: the number of
    places at which both phrases have the same word, divided by the number of
    words of the longer one; 1 for the same phrase only. Average precision:
    the mean, over the recalls 0, 0.01, ..., 1, of the best precision at that
    recall or a higher one, of the detections of all images by falling score.

    Args:
        truth: List with a dict of arrays for each image: `"boxes"` (M, 4),
            xyxy in pixels; `"classes"` (M,), -1 in rows of padding, else
            not looked at; `"phrases"` (M, L) of integers, words until the
            first 0 or -1. Objects without a word have no phrase: they, and
            detections that overlap them most, do not count; nor do crowds
            and difficult objects (`"crowd"`, `"difficult"` (M,), optional).
        detections: List of dicts in the same order, of `"boxes"` (D, 4),
            `"classes"`, `"scores"` (D,) and `"phrases"` (D, L'), as a
            `dense_captioning_detector` gives them.
        iou_thresholds: Numbers, 0 to 1.
        accuracy_thresholds: Numbers, 0 to 1.

    Returns:
        `DenseCaptioningResult`.

    Raises:
        ValueError: If a threshold is out of range, or naming the image if
            something makes no sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4]], "classes": [0],
    ...           "phrases": [[2, 3, 4, 5]]}]
    >>> found = [{"boxes": [[0, 0, 4, 4]], "classes": [0], "scores": [0.9],
    ...           "phrases": [[2, 3, 4, 0]]}]
    >>> result = dense_captioning_evaluate(truth, found)
    >>> result.average_precision[0].tolist(), result.scores["AP_boxes"]
    ([1.0, 1.0, 1.0, 0.0], 1.0)

    Reference:
        Johnson, Karpathy and Li, DenseCap, 2016. As its evaluation, but for
        token accuracy, which needs no dictionary, in the place of METEOR, and
        its thresholds; nor are true boxes merged that overlap by 0.7.
    """
    thresholds = [
        _thresholds(iou_thresholds, "iou_thresholds"),
        _thresholds(accuracy_thresholds, "accuracy_thresholds"),
    ]
    truth, detections = list(truth), list(detections)
    if len(truth) != len(detections) or not truth:
        raise ValueError(
            "Expected truth and detections of the same images, and at least "
            f"one; received {len(truth)} and {len(detections)}."
        )
    judged = [
        _judge_image(number, *pair)
        for number, pair in enumerate(zip(truth, detections))
    ]
    number = sum(count for count, _ in judged)
    table = np.concatenate([rows for _, rows in judged])
    scores, overlap, accuracy, is_first = table[by_falling(table[:, 0])].T
    is_first = is_first > 0

    def average(least_overlap, least_accuracy):
        right = is_first & (overlap >= least_overlap)
        right &= accuracy >= least_accuracy
        return _average_precision(precision_recall(scores, right, number))

    table = np.array(
        [[average(i, a) for a in thresholds[1]] for i in thresholds[0]]
    )
    boxes = [average(least, 0.0) for least in thresholds[0]]
    matched = accuracy[is_first & (overlap >= MATCH)]
    none = float("nan")
    summary = {
        "AP": float(table.mean()),
        "AP_boxes": float(np.mean(boxes)),
        "token_accuracy": float(matched.mean()) if matched.size else none,
        "phrase_accuracy": float((matched == 1).mean())
        if matched.size
        else none,
    }
    return DenseCaptioningResult(summary, table, *thresholds)


def token_accuracy(truth, found):
    """How far two phrases agree, place by place.

    Args:
        truth: Integers (L,), words until the first 0 or -1.
        found: Integers (L',).

    Returns:
        The number of places with the same word, divided by the number of
        words of the longer phrase; 1 if both have none.

    Example:

    >>> token_accuracy([2, 3, 4, 0], [2, 5, 4, 6]), token_accuracy([2], [3])
    (0.5, 0.0)
    """
    truth, found = _words(truth), _words(found)
    longest = max(len(truth), len(found))
    same = sum(a == b for a, b in zip(truth, found))
    return float(same / longest) if longest else 1.0


def _words(phrase):
    """The words before the end."""
    phrase = np.asarray(phrase)
    ends = np.flatnonzero(phrase <= 0)
    return phrase[: ends[0]] if len(ends) else phrase


def _judge_image(number, truth, found):
    """Number of objects, and rows (N, 4) of the detections that count:
    score, IoU with the object, token accuracy, whether it is its first.
    """
    try:
        given, truth = truth, _read(truth, OF_TRUTH)
        require_no_slip(given)
    except ValueError as error:
        raise ValueError(f"Image {number}: in the truth, {error}") from error
    try:
        found = _read(found, OF_DETECTIONS)
    except ValueError as error:
        raise ValueError(
            f"Image {number}: in the detections, {error}"
        ) from error
    counts = np.array([len(_words(p)) > 0 for p in truth["phrases"]], bool)
    counts &= ~(truth["crowd"] | truth["difficult"])
    overlap = pairwise_iou(found["boxes"], truth["boxes"])
    taken, rows = set(), []
    for row in by_falling(found["scores"]):
        best = int(np.argmax(overlap[row])) if len(counts) else -1
        score = found["scores"][row]
        if best < 0 or overlap[row, best] == 0:
            rows.append((score, 0.0, 0.0, 0.0))
        elif counts[best]:
            accuracy = token_accuracy(
                truth["phrases"][best], found["phrases"][row]
            )
            first = float(best not in taken)
            rows.append((score, overlap[row, best], accuracy, first))
            taken.add(best)
    return int(counts.sum()), np.reshape(rows, (-1, 4)).astype("float64")


def _read(objects, needed):
    """Dict of checked arrays without padding."""
    require_fields(objects, needed)
    classes = require_classes(objects["classes"], None)
    result = {"classes": classes}
    for field in needed:
        if field != "classes":
            result[field] = with_rank(objects[field], field)
    for field in ("crowd", "difficult"):
        flag = objects.get(field)
        flag = np.zeros(len(classes)) if flag is None else np.asarray(flag)
        result[field] = flag > 0
    require_rows(result)
    result = {k: v[classes >= 0] for k, v in result.items()}
    if result["phrases"].dtype.kind not in "iu" and len(result["phrases"]):
        raise ValueError(
            "expected 'phrases' of integers, received "
            f"{result['phrases'].dtype}."
        )
    result["boxes"] = result["boxes"].astype("float64")
    require_boxes(result["boxes"])
    if "scores" in result:
        require_scores(result["scores"])
    return result


def _average_precision(curve):
    """The mean of the best precision at 101 recalls and above."""
    if not curve.num_objects:
        return float("nan")
    best = [
        curve.precision[curve.recall >= level].max(initial=0.0)
        for level in np.arange(101) / 100
    ]
    return float(np.mean(best))


def _thresholds(values, name):
    values = np.asarray(values, "float64")
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"Expected {name} as numbers, 0 to 1, received {values.tolist()}."
        )
    for value in values.tolist():
        require_within(value, 0, 1, name)
    return values
