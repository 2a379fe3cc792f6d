"""COCO's evaluation of boxes, masks and key points."""

import dataclasses

import numpy as np

from mtvision.metrics.coco_entries import coco_pair
from mtvision.metrics.coco_tools import coco_tools, quietly
from mtvision.metrics.object_lists import read_images

KINDS = {"boxes": "bbox", "masks": "segm", "keypoints": "keypoints"}
# Name: what it averages, IoU threshold or None for all of them, area,
# detections an image and class.
SCORES = {
    "AP": ("precision", None, "all", 100),
    "AP50": ("precision", 0.5, "all", 100),
    "AP75": ("precision", 0.75, "all", 100),
    "APs": ("precision", None, "small", 100),
    "APm": ("precision", None, "medium", 100),
    "APl": ("precision", None, "large", 100),
    "AR1": ("recall", None, "all", 1),
    "AR10": ("recall", None, "all", 10),
    "AR100": ("recall", None, "all", 100),
    "ARs": ("recall", None, "small", 100),
    "ARm": ("recall", None, "medium", 100),
    "ARl": ("recall", None, "large", 100),
}
KEYPOINT_SCORES = {
    "AP": ("precision", None, "all", 20),
    "AP50": ("precision", 0.5, "all", 20),
    "AP75": ("precision", 0.75, "all", 20),
    "APm": ("precision", None, "medium", 20),
    "APl": ("precision", None, "large", 20),
    "AR": ("recall", None, "all", 20),
    "AR50": ("recall", 0.5, "all", 20),
    "AR75": ("recall", 0.75, "all", 20),
    "ARm": ("recall", None, "medium", 20),
    "ARl": ("recall", None, "large", 20),
}


@dataclasses.dataclass(frozen=True)
class CocoResult:
    """What COCO's evaluation gives.

    Attributes:
        scores: Dict from name to score, 0 to 1. `AP` is the mean average
            precision over the IoU thresholds 0.5 to 0.95 and the classes,
            `AP50` and `AP75` are at one threshold; `APs`, `APm`, `APl` of
            objects below 32 x 32, below 96 x 96 and above; `AR1`, `AR10`,
            `AR100` the mean recall by so many detections an image and class.
            Key points have `AR`, `AR50`, `AR75` (20 detections), no `APs`.
            NaN where there is no such object.
        class_scores: Array (C,), `AP` of each class; NaN without an object.
        iou_thresholds: Array (T,).
        iou_scores: Array (T,), the mean average precision at each of them.
        recall_thresholds: Array (R,).
        precision: Array (T, R, C, areas, limits of detections), -1 where there
            is no object. Areas: all, small, medium, large (key points: no
            small). Limits: 1, 10, 100 (key points: 20).
        recall: Array (T, C, areas, limits).
        score_thresholds: Array as `precision`: the score at each point.

    Example:

    >>> objects = [{"boxes": [[0, 0, 40, 40]], "classes": [0]}]
    >>> found = [objects[0] | {"scores": [0.9]}]
    >>> result = mtv.metrics.coco_evaluate(objects, found)
    >>> round(result.scores["AP50"], 3), result.precision.shape
    (1.0, (10, 101, 1, 4, 3))
    """

    scores: dict
    class_scores: np.ndarray
    iou_thresholds: np.ndarray
    iou_scores: np.ndarray
    recall_thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    score_thresholds: np.ndarray


def coco_evaluate(
    truth,
    detections,
    *,
    kind="boxes",
    num_classes=None,
    sigmas=None,
    agnostic=False,
):
    """Evaluates detections as COCO does, by pycocotools.

    Args:
        truth: List with a dict of arrays for each image: `"boxes"` (M, 4),
            xyxy in pixels, `"classes"` (M,), -1 in rows of padding; for masks
            `"masks"` (M, H, W) or a list of run lengths; for key points
            `"keypoints"` (M, K, 3). An image without an object has empty
            arrays. Optional: `"crowd"` (M,), 1 for rows that many detections
            may match without being right or wrong; `"difficult"` (M,), 1 for
            objects that one detection may match so; `"area"` (M,) in pixels,
            which COCO takes from the polygons (default, and where it is NaN:
            that of the masks if they are evaluated, else of the boxes, which
            is larger). **Key points are scored by it**: without it, their
            scores are not COCO's but higher; `"annotated"` (C,), 0 for
            classes of which nothing is known in that image: neither their
            objects nor their detections count there. Objects without a
            visible key point are as difficult ones for `kind="keypoints"`.
        detections: List of dicts in the same order: `"boxes"` (D, 4),
            `"classes"` and `"scores"` (D,), or `"masks"` or `"keypoints"`
            instead of the boxes. Masks of floats are cut at 0.5.
        kind: `"boxes"`, `"masks"` or `"keypoints"`.
        num_classes: C, or `None` for the largest class that occurs.
        sigmas: Array (K,): how far each key point may lie off, as a share of
            the object's size; default those of COCO's 17.
        agnostic: Whether to compare regardless of classes (boxes and masks);
            then C in the result is 1.

    Returns:
        `CocoResult`.

    Raises:
        ImportError: If pycocotools is missing.
        ValueError: Naming the image, if something makes no sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 40, 40]], "classes": [0]}]
    >>> found = [{"boxes": [[0, 0, 40, 30]], "classes": [0], "scores": [0.9]}]
    >>> scores = coco_evaluate(truth, found).scores
    >>> [round(scores[name], 3) for name in ("AP", "AP50", "AP75", "APm")]
    [0.6, 1.0, 1.0, 0.6]

    Reference:
        Lin et al., "Microsoft COCO: Common Objects in Context", 2014; the
        detection and key point tasks of https://cocodataset.org.
    """
    require_kind(kind)
    require_sigmas(sigmas)
    images, num_classes = read_images(
        truth, detections, kind=kind, num_classes=num_classes
    )
    if agnostic and kind == "keypoints":
        raise ValueError("Expected agnostic=False for key points.")
    cocoeval = coco_tools()[1]
    with quietly():
        pair = coco_pair(images, num_classes, kind)
        evaluation = cocoeval.COCOeval(*pair, KINDS[kind])
        evaluation.params.useCats = int(not agnostic)
        if kind == "keypoints":
            evaluation.params.kpt_oks_sigmas = _sigmas(
                images, sigmas, evaluation.params.kpt_oks_sigmas
            )
        evaluation.evaluate()
        evaluation.accumulate()
    return _result(evaluation, kind)


def _sigmas(images, sigmas, default):
    numbers = {
        objects["keypoints"].shape[1]
        for image in images
        for objects in image
        if len(objects["keypoints"])
    }
    chosen = np.asarray(default if sigmas is None else sigmas, "float64")
    if not numbers <= {len(chosen)}:
        raise ValueError(
            f"Expected sigmas (K,) for {sorted(numbers)} key points, received "
            f"{len(chosen)}"
            + (", COCO's own. Give `sigmas`." if sigmas is None else ".")
        )
    return chosen


def require_kind(kind):
    """Raises unless COCO evaluates a kind of detections.

    Args:
        kind: `"boxes"`, `"masks"` or `"keypoints"`.

    Raises:
        ValueError: If it is none of them.

    Example:

    >>> require_kind("masks")
    """
    if kind not in KINDS:
        remedy = " For phrases: collect_detections(..., kind='phrases') and "
        remedy += "dense_captioning_evaluate."
        raise ValueError(
            f"Expected kind to be one of {tuple(KINDS)}, received {kind!r}."
            f"{remedy if kind == 'phrases' else ''}"
        )


def require_sigmas(sigmas):
    """Raises unless they are numbers above 0, or `None`.

    Args:
        sigmas: As for `coco_evaluate`.

    Raises:
        ValueError: If they are no such numbers.

    Example:

    >>> require_sigmas([0.1, 0.05])
    """
    if sigmas is None:
        return
    values = np.asarray(sigmas, "float64")
    if values.ndim != 1 or not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(
            f"Expected sigmas (K,) of numbers above 0, received {sigmas!r}."
        )


def _result(evaluation, kind):
    params, found = evaluation.params, evaluation.eval
    names = KEYPOINT_SCORES if kind == "keypoints" else SCORES
    scores = {}
    for name, (what, threshold, area, limit) in names.items():
        place = params.areaRngLbl.index(area), params.maxDets.index(limit)
        values = found[what][..., place[0], place[1]]
        if threshold is not None:
            values = values[np.isclose(params.iouThrs, threshold)]
        scores[name] = _mean(values)
    # Of all areas, with the largest number of detections: (T, R, C).
    precision = found["precision"][..., 0, -1]
    return CocoResult(
        scores=scores,
        class_scores=np.array([_mean(each) for each in precision.T]),
        iou_thresholds=np.array(params.iouThrs),
        iou_scores=np.array([_mean(each) for each in precision]),
        recall_thresholds=np.array(params.recThrs),
        precision=found["precision"],
        recall=found["recall"],
        score_thresholds=found["scores"],
    )


def _mean(values):
    """The mean of what was judged: pycocotools writes -1 for the rest."""
    judged = values[values > -1]
    return float(judged.mean()) if judged.size else float("nan")
