"""From the rows of an anchor-based head to a list of detections."""

import keras
from keras import layers, ops

from mtvision.ops.box_deltas import decode_boxes
from mtvision.ops.boxes import clip_boxes
from mtvision.ops.detections import (
    detections_spec,
    suppress,
    take_rows,
    top_candidates,
)
from mtvision.ops.option_checks import require_count, require_within
from mtvision.tasks.detection.columns import count_logits, split

ACTIVATIONS = ("sigmoid", "softmax")


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeDetections(layers.Layer):
    """Takes the best boxes and drops those that a better one overlaps.

    The best `num_candidates` pairs of an anchor and a class are taken from
    all levels together, only their boxes are computed, and non-maximum
    suppression is done class by class. No gradient flows.

    Args:
        max_detections: D, rows of the result.
        score_threshold: Only scores above it are detections.
        iou_threshold: Boxes of one class that overlap more are duplicates.
        num_candidates: How many pairs enter the suppression, at most.
        activation: `"sigmoid"`, each logit on its own, as
            `DetectionHead` gives them; or `"softmax"`, where the first logit
            is the background's, as in `SSDHead`.
        delta_weights: As in the loss.

    Call:
        outputs: Tensor (B, A, 4 + C + 4).
        image: `None`, or a tensor (B, H, W, ...) in which the boxes are cut.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels, `"scores"` (B, D), both
        float32, and `"classes"` (B, D), int32, by falling score; class -1,
        score 0 and zeros in rows of padding.

    Raises:
        ValueError: If an option is not of its kind.

    Example:

    >>> row = [0.0, 0.0, 0.0, 0.0, -9.0, 2.0, 1.0, 1.0, 5.0, 5.0]
    >>> found = DecodeDetections(max_detections=2)(np.array([[row]]))
    >>> [int(x) for x in found["classes"][0]]
    [1, -1]

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017, which takes
        the best 1000 of each level.
    """

    def __init__(
        self,
        *,
        max_detections=100,
        score_threshold=0.05,
        iou_threshold=0.5,
        num_candidates=1000,
        activation="sigmoid",
        delta_weights=(1.0, 1.0, 1.0, 1.0),
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_detections, 1, "max_detections")
        require_within(score_threshold, 0, 1, "score_threshold", or_none=True)
        require_within(iou_threshold, 0, 1, "iou_threshold")
        require_count(num_candidates, 1, "num_candidates")
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"Expected activation to be one of {ACTIVATIONS}, received "
                f"{activation!r}."
            )
        self.max_detections = max_detections
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold
        self.num_candidates = num_candidates
        self.activation = activation
        self.delta_weights = tuple(delta_weights)

    def call(self, outputs, image=None):
        """Returns the detections."""
        count_logits(outputs)
        outputs = ops.stop_gradient(ops.cast(outputs, "float32"))
        logits = split(outputs)[1]
        if self.activation == "softmax":
            logits = ops.log_softmax(logits, axis=-1)[..., 1:]
        best, places, classes = top_candidates(logits, self.num_candidates)
        deltas, _, anchors = split(take_rows(outputs, places))
        boxes = decode_boxes(deltas, anchors, weights=self.delta_weights)
        if image is not None:
            boxes = clip_boxes(boxes, *ops.shape(image)[1:3])
        is_sigmoid = self.activation == "sigmoid"
        return suppress(
            boxes,
            ops.sigmoid(best) if is_sigmoid else ops.exp(best),
            classes,
            max_detections=self.max_detections,
            iou_threshold=self.iou_threshold,
            score_threshold=self.score_threshold,
        )

    def compute_output_spec(self, outputs, image=None):
        """Returns the shapes and dtypes of the detections."""
        return detections_spec(outputs.shape[0], self.max_detections)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "max_detections": self.max_detections,
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
            "num_candidates": self.num_candidates,
            "activation": self.activation,
            "delta_weights": self.delta_weights,
        }
