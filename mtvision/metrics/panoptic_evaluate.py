"""Panoptic quality: how well segments are found, and how well they fit."""

import dataclasses
import itertools

import numpy as np

from mtvision.ops.option_checks import require_count

# Segments that overlap more can overlap no other one as much.
MATCH = 0.5
# Of a segment of the truth with one of the prediction; all are held at once.
MOST_PAIRS = 10**8
COUNTS = ("iou", "right", "wrong", "missed")


@dataclasses.dataclass(frozen=True)
class PanopticResult:
    """What the evaluation of panoptic maps gives.

    Attributes:
        scores: Dict from name to score, 0 to 1: `PQ`, panoptic quality, the
            product of `SQ`, the mean IoU of matched segments, and `RQ`, the
            F1 score of finding them, taken for each class and averaged over
            the classes; `PQ_things`, `SQ_things`, `RQ_things`, `PQ_stuff`,
            `SQ_stuff`, `RQ_stuff` over a part of them. NaN without a class.
        class_scores: Dict from `PQ`, `SQ` and `RQ` to arrays (C,); NaN for a
            class without a segment in truth or prediction.
        counts: Dict of arrays (C,): `iou`, the summed IoU of the matches;
            `right`, their number; `wrong`, segments predicted where none is;
            `missed`, segments that are not found.

    Example:

    >>> maps = [np.array([[0, 1001]])]
    >>> result = mtv.metrics.panoptic_evaluate(
    ...     maps, maps, num_classes=2, things=[1])
    >>> result.scores["PQ"], result.counts["right"].tolist()
    (1.0, [1.0, 1.0])
    """

    scores: dict
    class_scores: dict
    counts: dict


def panoptic_evaluate(truth, predictions, *, num_classes, things, divisor=1000):
    """Panoptic quality of maps of segments.

    A segment is right if it has the class of a true one and an IoU with it
    above 0.5. Pixels without a label in the truth count nowhere; a predicted
    segment that lies for more than half on such, or on a crowd of its class,
    is not wrong.

    Args:
        truth: Maps (H, W) of integers, one an image, in a list or another
            iterable: class times `divisor` plus number of the object, -1
            where nothing is known. A thing of number 0 is a crowd.
        predictions: Maps of the same sizes, -1 where nothing is said.
        num_classes: C.
        things: Numbers of the classes that are countable.
        divisor: What the class is multiplied by.

    Returns:
        `PanopticResult`.

    Raises:
        ValueError: Naming the image, if sizes or classes do not fit.

    Example:

    >>> truth = [np.array([[1001, 1001, 1002, 0], [0, 0, 0, 0]])]
    >>> found = [np.array([[1001, 1001, 0, 0], [0, 0, 0, 0]])]
    >>> result = panoptic_evaluate(truth, found, num_classes=2, things=[1])
    >>> [round(float(x), 3) for x in result.class_scores["PQ"]]
    [0.833, 0.667]

    Reference:
        Kirillov et al., "Panoptic Segmentation", 2019. Equal to panopticapi.
    """
    require_classes(num_classes, things, divisor)
    options = {"num_classes": num_classes, "things": things}
    total = np.zeros((len(COUNTS), num_classes))
    number = 0
    # Of generators no more than one image is held.
    for pair in itertools.zip_longest(truth, predictions):
        try:
            _require_pair(*pair)
            total += panoptic_counts(*pair, **options, divisor=divisor)
        except ValueError as error:
            raise ValueError(f"Image {number}: {error}") from None
        number += 1
    if not number:
        raise ValueError("Expected at least one image, received none.")
    return panoptic_result(total, things)


def panoptic_counts(truth, predicted, *, num_classes, things, divisor=1000):
    """What panoptic quality is a ratio of, for one image.

    Args:
        truth: Array (H, W), as for `panoptic_evaluate`.
        predicted: Array (H, W), likewise.
        num_classes: C.
        things: Numbers of the classes that are countable.
        divisor: What the class is multiplied by.

    Returns:
        Array (4, C), rows as `PanopticResult.counts` in that order; may be
        summed over images.

    Raises:
        ValueError: If sizes or classes do not fit.

    Example:

    >>> image = np.array([[0, 1001]])
    >>> panoptic_counts(image, image, num_classes=2, things=[1]).tolist()
    [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    """
    maps = [np.asarray(each) for each in (truth, predicted)]
    _require_maps(*maps)
    (true_ids, true), (found_ids, found) = (
        np.unique(each.astype("int64"), return_inverse=True) for each in maps
    )
    size = len(true_ids), len(found_ids)
    if size[0] * size[1] > MOST_PAIRS:
        raise ValueError(
            f"the truth has {size[0]} segments, the prediction {size[1]}. "
            "Expected class * divisor + number of each, not a value of each "
            "pixel."
        )
    pairs = true.ravel() * size[1] + found.ravel()
    shared = np.bincount(pairs, minlength=size[0] * size[1]).reshape(size)
    area = shared.sum(axis=0)
    void = shared[true_ids < 0].sum(axis=0)
    of_true, of_found = (
        _classes(ids, divisor, num_classes) for ids in (true_ids, found_ids)
    )
    is_crowd = np.isin(of_true, things) & (true_ids % divisor == 0)
    union = shared.sum(axis=1)[:, None] + (area - void) - shared
    same = (of_true[:, None] == of_found) & (of_found >= 0)
    iou = np.where(same & ~is_crowd[:, None], shared / union.clip(1), 0.0)
    match = iou > MATCH
    ignored = void + (shared * (same & is_crowd[:, None])).sum(axis=0)
    wrong = (of_found >= 0) & ~match.any(axis=0) & (ignored <= MATCH * area)
    missed = (of_true >= 0) & ~is_crowd & ~match.any(axis=1)
    rows, columns = np.nonzero(match)
    of_match = of_true[rows]
    counted = (
        (of_match, iou[rows, columns]),
        (of_match, None),
        (of_found[wrong], None),
        (of_true[missed], None),
    )
    return np.stack(
        [
            np.bincount(classes, weights, num_classes).astype("float64")
            for classes, weights in counted
        ]
    )


def panoptic_result(counts, things):
    """Scores from counts.

    Args:
        counts: Array (4, C), of `panoptic_counts`.
        things: Numbers of the classes that are countable.

    Returns:
        `PanopticResult`.

    Example:

    >>> counts = np.array([[1.5], [2], [1], [1]])
    >>> scores = panoptic_result(counts, [0]).scores
    >>> [round(scores[name], 3) for name in ("PQ", "SQ", "RQ", "PQ_stuff")]
    [0.5, 0.75, 0.667, nan]
    """
    iou, right, wrong, missed = counts
    number = right + (wrong + missed) / 2
    occurs = number > 0
    recognition = right / np.where(occurs, number, np.nan)
    fit = np.where(occurs, iou / np.maximum(right, 1), np.nan)
    class_scores = {"PQ": fit * recognition, "SQ": fit, "RQ": recognition}
    is_thing = np.isin(np.arange(len(iou)), list(things))
    scores = {}
    for suffix, part in (
        ("", is_thing | True),
        ("_things", is_thing),
        ("_stuff", ~is_thing),
    ):
        for name, each in class_scores.items():
            judged = each[part & occurs]
            mean = float(judged.mean()) if judged.size else float("nan")
            scores[name + suffix] = mean
    return PanopticResult(scores, class_scores, dict(zip(COUNTS, counts)))


def require_classes(num_classes, things, divisor):
    """Raises unless things are some of the classes.

    Args:
        num_classes: C.
        things: Numbers of the classes that are countable.
        divisor: What the class is multiplied by.

    Raises:
        ValueError: If a number is out of range.

    Example:

    >>> require_classes(3, [0, 2], 1000)
    """
    require_count(num_classes, 1, "num_classes")
    require_count(divisor, 1, "divisor")
    numbers = np.asarray(things)
    whole = numbers.ndim == 1 and (
        numbers.dtype.kind in "iu" or not len(numbers)
    )
    if not whole or not np.isin(numbers, np.arange(num_classes)).all():
        raise ValueError(
            "Expected things as class numbers from 0 to "
            f"{num_classes - 1}, received {things!r}."
        )


def _require_pair(truth, predicted):
    if truth is None or predicted is None:
        absent = "truth" if truth is None else "prediction"
        raise ValueError(
            f"there is no {absent}. Expected lists of truth and predictions "
            "of the same images."
        )


def _require_maps(truth, predicted):
    for name, each in (("truth", truth), ("prediction", predicted)):
        if each.ndim != 2 or each.dtype.kind not in "iu":
            raise ValueError(
                f"expected the map of the {name} (H, W) of integers, received "
                f"shape {each.shape} of {each.dtype}."
            )
    if truth.shape != predicted.shape:
        raise ValueError(
            f"the truth has the size {truth.shape}, the prediction "
            f"{predicted.shape}. Resize the prediction to the nearest pixels."
        )


def _classes(ids, divisor, num_classes):
    """Class of each segment, -1 for what is none."""
    classes = np.where(ids < 0, -1, ids // divisor)
    if classes.max(initial=-1) >= num_classes:
        raise ValueError(
            f"a segment has the number {ids.max()}, of class {classes.max()} "
            f"by the divisor {divisor}, expected classes from 0 to "
            f"{num_classes - 1}."
        )
    return classes
