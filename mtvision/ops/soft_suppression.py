"""Soft suppression: boxes that overlap a better one lose score, not life."""

import keras
from keras import ops

from mtvision.ops.candidates import (
    coordinate_planes,
    mask_candidates,
    pad_candidates,
    plane_iou,
    require_number,
    standardize_candidates,
)
from mtvision.ops.compiling import compiled
from mtvision.ops.option_checks import require_count

METHODS = ("linear", "gaussian")


def soft_non_max_suppression(
    boxes,
    scores,
    *,
    max_outputs,
    method="linear",
    sigma=0.5,
    iou_threshold=0.3,
    score_threshold=0.001,
    classes=None,
):
    """Chooses boxes by falling score, each of which decays those left.

    The box of the highest score is chosen, every other score is multiplied
    by a weight that falls with the IoU of its box with the chosen one, and
    so on. Of equal scores the lower index comes first. A box without area
    decays nothing.

    Never chosen, and without effect on others, are padding and broken rows:
    those with a score of NaN or minus infinity, with a coordinate that is
    NaN or infinite, or with a negative class. No gradient flows.

    Args:
        boxes: Tensor (B, N, 4), xyxy in pixels. Only B may be unknown.
        scores: Tensor (B, N).
        max_outputs: Positive integer: boxes to choose, at most. May be
            more than N.
        method: `"linear"`: a weight of `1 - IoU` from `iou_threshold` on,
            and 1 below it. `"gaussian"`: `exp(-IoU^2 / sigma)`.
        sigma: Number of 0 or more, for `"gaussian"`.
        iou_threshold: Number from 0 to 1, for `"linear"`.
        score_threshold: Number of 0 or more; boxes whose score falls below
            it are dropped.
        classes: Integer tensor (B, N): a box decays boxes of its own class
            only. None for boxes of one class.

    Returns:
        Indices into N of the chosen boxes: tensor (B, max_outputs), int32,
        in the order of the choice, padded with -1; and their decayed
        scores: tensor (B, max_outputs), float32, padded with 0.

    Raises:
        ValueError: If shapes do not fit or an option is out of its range.

    Example:

    >>> boxes = [[[0, 0, 9, 9], [3, 0, 9, 9], [20, 20, 29, 29]]]
    >>> chosen, scores = soft_non_max_suppression(
    ...     boxes, [[0.9, 0.8, 0.6]], max_outputs=3
    ... )
    >>> [(int(i), round(float(s), 2)) for i, s in zip(chosen[0], scores[0])]
    [(0, 0.9), (2, 0.6), (1, 0.27)]

    Reference:
        Bodla et al., Soft-NMS, 2017. Equals the CPU kernel of mmcv with an
        offset of 0, but for ties, which that leaves to its order of swaps.
    """
    operation = SoftNonMaxSuppression(
        max_outputs=max_outputs,
        method=method,
        sigma=sigma,
        iou_threshold=iou_threshold,
        score_threshold=score_threshold,
    )
    return operation(*standardize_candidates(boxes, scores, classes))


@keras.saving.register_keras_serializable(package="mtvision")
class SoftNonMaxSuppression(keras.Operation):
    """The node of `soft_non_max_suppression` in a functional model."""

    def __init__(
        self, *, max_outputs, method, sigma, iou_threshold, score_threshold
    ):
        super().__init__()
        require_count(max_outputs, 1, "max_outputs")
        if method not in METHODS:
            raise ValueError(
                f"Expected method to be one of {METHODS}, received "
                f"method={method!r}."
            )
        require_number(sigma, "sigma", 0)
        require_number(iou_threshold, "iou_threshold", 0, 1)
        require_number(score_threshold, "score_threshold", 0)
        self.max_outputs = int(max_outputs)
        self.method = method
        self.sigma = float(sigma)
        self.iou_threshold = float(iou_threshold)
        self.score_threshold = float(score_threshold)

    def call(self, boxes, scores, classes=None):
        """Returns the indices and the decayed scores."""
        candidates = mask_candidates(boxes, scores, classes)
        return _decay(*pad_candidates(*candidates), **self.get_config())

    def compute_output_spec(self, boxes, scores, classes=None):
        """Returns the shapes and dtypes of the indices and the scores."""
        shape = (boxes.shape[0], self.max_outputs)
        return (
            keras.KerasTensor(shape, "int32"),
            keras.KerasTensor(shape, "float32"),
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            "max_outputs": self.max_outputs,
            "method": self.method,
            "sigma": self.sigma,
            "iou_threshold": self.iou_threshold,
            "score_threshold": self.score_threshold,
        }


def decay_in_turn(
    boxes,
    scores,
    classes,
    *,
    max_outputs,
    method,
    sigma,
    iou_threshold,
    score_threshold,
):
    """The pure form: chooses one box of each image in each round."""
    lowest = float("-inf")
    planes = coordinate_planes(boxes)
    places = ops.arange(boxes.shape[1], dtype="int32")[None]
    slots = ops.arange(max_outputs, dtype="int32")[None]
    none = ops.zeros((ops.shape(boxes)[0], max_outputs), dtype="int32") - 1

    def unfinished(slot, scores, chosen, values):
        return ops.logical_and(slot < max_outputs, ops.any(scores > lowest))

    def choose(slot, scores, chosen, values):
        value = ops.max(scores, axis=1, keepdims=True)
        # The first of the highest; a fifth of the time of argmax under XLA.
        first = ops.where(scores == value, places, places[0, -1])
        best = ops.min(first, axis=1, keepdims=True)
        fills = ops.logical_and(slots == slot, value > lowest)
        chosen = ops.where(fills, best, chosen)
        values = ops.where(fills, value, values)
        winner = ops.take_along_axis(planes, best[:, None], axis=2)
        iou = plane_iou(winner, planes)[:, 0]
        weight = _weight(iou, method, sigma, iou_threshold)
        if classes is not None:
            same = classes == ops.take_along_axis(classes, best, axis=1)
            weight = ops.where(same, weight, 1.0)
        scores = ops.where(places == best, lowest, scores * weight)
        scores = _drop(scores, score_threshold)
        return slot + 1, scores, chosen, values

    start = ops.convert_to_tensor(0, "int32")
    values = ops.zeros_like(none, dtype="float32")
    state = start, _drop(scores, score_threshold), none, values
    return ops.while_loop(unfinished, choose, state)[2:]


def _weight(iou, method, sigma, iou_threshold):
    # False for the NaN of two boxes without area too.
    if method == "linear":
        return ops.where(iou >= iou_threshold, 1.0 - iou, 1.0)
    return ops.where(iou > 0, ops.exp(-ops.square(iou) / sigma), 1.0)


def _drop(scores, score_threshold):
    return ops.where(scores >= score_threshold, scores, float("-inf"))


_decay = compiled(decay_in_turn)
