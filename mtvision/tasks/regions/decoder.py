"""From the rows of regions to a list of detections."""

import keras
from keras import layers, ops

from mtvision.ops.box_deltas import decode_boxes
from mtvision.ops.boxes import box_area, clip_boxes, empty_small_boxes
from mtvision.ops.detections import (
    detections_spec,
    suppress,
    take_rows,
    top_candidates,
)
from mtvision.ops.option_checks import (
    require_count,
    require_not_negative,
    require_within,
)
from mtvision.tasks.regions.columns import split_boxes, split_classes

ACTIVATIONS = ("softmax", "sigmoid")


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeRegions(layers.Layer):
    """Takes the best classes of regions and drops duplicates.

    A region may give several detections, of different classes, each with the
    box of that class. Non-maximum suppression is done class by class. No
    gradient flows.

    Args:
        max_detections: D, rows of the result.
        score_threshold: Only probabilities above it are detections.
        iou_threshold: Boxes of one class that overlap more are duplicates.
        num_candidates: Pairs of a region and a class that enter the
            suppression, at most.
        min_size: Smallest side of a detection, in pixels.
        activation: `"softmax"` over the classes and the background; or
            `"sigmoid"`, each class on its own, as the margins of support
            vector machines are scored: the background's logit says nothing.
        delta_weights: As in `RegionBoxesLoss`.

    Call:
        rows: List of the rows (B, R, C + 1 + 4) of `RegionClassesHead` and
            (B, R, 4 C + 4), or (B, R, 4 + 4), of `RegionBoxesHead`.
        image: `None`, or a tensor (B, H, W, ...) in which the boxes are cut.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels, `"scores"` (B, D), both
        float32, and `"classes"` (B, D), int32, by falling score; class -1,
        score 0 and zeros in rows of padding.

    Raises:
        ValueError: If an option is out of range, or the rows do not fit.

    Example:

    >>> region = [4.0, 4.0, 8.0, 8.0]
    >>> classes = np.array([[[0.0, 3.0, 0.0, *region]]])
    >>> boxes = np.array([[[0.0] * 8 + region]])
    >>> found = DecodeRegions(max_detections=2)([classes, boxes])
    >>> [int(c) for c in found["classes"][0]]
    [1, -1]

    Reference:
        Girshick, Fast R-CNN, 2015. Equal to torchvision's `RoIHeads`, whose
        number of candidates has no limit.
    """

    def __init__(
        self,
        *,
        max_detections=100,
        score_threshold=0.05,
        iou_threshold=0.5,
        num_candidates=1000,
        min_size=1e-2,
        activation="softmax",
        delta_weights=(10.0, 10.0, 5.0, 5.0),
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_detections, 1, "max_detections")
        require_within(score_threshold, 0, 1, "score_threshold", or_none=True)
        require_within(iou_threshold, 0, 1, "iou_threshold")
        require_count(num_candidates, 1, "num_candidates")
        require_not_negative(min_size, "min_size")
        self.max_detections = max_detections
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold
        self.num_candidates = num_candidates
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"Expected activation to be one of {ACTIVATIONS}, received "
                f"{activation!r}."
            )
        self.min_size = min_size
        self.activation = activation
        self.delta_weights = tuple(delta_weights)

    def call(self, rows, image=None):
        """Returns the detections."""
        logits, regions, deltas = self._read(rows)
        activation = getattr(ops, self.activation)
        scores = _without_padding(activation(logits)[..., :-1], regions)
        scores, places, classes = top_candidates(scores, self.num_candidates)
        boxes = decode_boxes(
            _pick(deltas, places, classes),
            take_rows(regions, places),
            weights=self.delta_weights,
        )
        if image is not None:
            boxes = clip_boxes(boxes, *ops.shape(image)[1:3])
        return suppress(
            empty_small_boxes(boxes, self.min_size),
            scores,
            classes,
            max_detections=self.max_detections,
            iou_threshold=self.iou_threshold,
            score_threshold=self.score_threshold,
        )

    def compute_output_spec(self, rows, image=None):
        """Returns the shapes and dtypes of the detections."""
        _require_two(rows)
        return detections_spec(rows[0].shape[0], self.max_detections)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "max_detections": self.max_detections,
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
            "num_candidates": self.num_candidates,
            "min_size": self.min_size,
            "activation": self.activation,
            "delta_weights": self.delta_weights,
        }

    def _read(self, rows):
        _require_two(rows)
        rows = [ops.stop_gradient(ops.cast(x, "float32")) for x in rows]
        logits, regions = split_classes(rows[0], self.name)
        deltas, _ = split_boxes(rows[1], self.name)
        classes = logits.shape[-1] - 1
        if deltas.shape[2] not in (1, classes):
            raise ValueError(
                f"{self.name} expects a box for each of {classes} classes, or "
                f"one for all, received {deltas.shape[2]}."
            )
        return logits, regions, deltas


def _without_padding(scores, regions):
    """Scores (B, R, C), minus infinity for regions without area."""
    is_real = ops.expand_dims(box_area(regions) > 0, -1)
    return ops.where(is_real, scores, float("-inf"))


def _pick(deltas, places, classes):
    """Deltas (B, N, 4) of pairs of a region and a class."""
    batch, number, columns = ops.shape(deltas)[:3]
    flat = ops.reshape(deltas, (batch, number * columns, 4))
    if columns > 1:
        places = places * columns + classes
    return take_rows(flat, places)


def _require_two(rows):
    if not isinstance(rows, list | tuple) or len(rows) != 2:
        raise ValueError(
            "DecodeRegions expects a list of the rows of RegionClassesHead "
            f"and of RegionBoxesHead, received {rows!r}."
        )
