"""From YOLO's predictions to detections."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import clip_boxes
from mtvision.ops.detections import (
    detections_spec,
    suppress,
    take_rows,
    top_candidates,
)
from mtvision.ops.option_checks import require_count, require_within
from mtvision.tasks.yolo.box_coding import decode
from mtvision.tasks.yolo.columns import split


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeYOLO(layers.Layer):
    """Scores every anchor for every class, and suppresses what overlaps.

    The score is the probability of an object times that of the class.

    Args:
        max_detections: D.
        score_threshold: Boxes of this score or less are left out.
        iou_threshold: Boxes of a class that overlap a better one by more are
            left out.
        num_candidates: How many pairs of anchor and class enter the
            suppression, at most.

    Call:
        predictions: Tensor (B, A, 11 + C) of `YOLOHead`.
        image: Optional, the images (B, H, W, 3): boxes are cut at their edge.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels; `"scores"` (B, D);
        `"classes"` (B, D), int32, -1 for padding; by falling score.

    Raises:
        ValueError: If an option is out of range or the columns do not fit.

    Example:

    >>> head = mtv.tasks.YOLOHead(3, {"P5": [[40, 60]]}, hidden=4)
    >>> decode = DecodeYOLO(max_detections=7)
    >>> found = decode(head(keras.ops.ones((1, 4, 4, 8))))
    >>> tuple(found["boxes"].shape)
    (1, 7, 4)

    Reference:
        Redmon and Farhadi, YOLO9000, 2017.
    """

    def __init__(
        self,
        *,
        max_detections=100,
        score_threshold=0.01,
        iou_threshold=0.5,
        num_candidates=1000,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_detections, 1, "max_detections")
        require_within(score_threshold, 0, 1, "score_threshold", or_none=True)
        require_within(iou_threshold, 0, 1, "iou_threshold")
        require_count(num_candidates, 1, "num_candidates")
        self.max_detections = max_detections
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold
        self.num_candidates = num_candidates

    def call(self, predictions, image=None):
        """Returns the detections."""
        anchors = split(ops.cast(predictions, "float32"))
        scores = ops.sigmoid(ops.expand_dims(anchors.objectness, -1))
        scores = scores * ops.sigmoid(anchors.classes)
        scores, places, classes = top_candidates(scores, self.num_candidates)
        boxes = decode(
            take_rows(anchors.deltas, places),
            take_rows(anchors.cells, places),
            take_rows(anchors.sizes, places),
        )
        if image is not None:
            boxes = clip_boxes(boxes, *ops.shape(image)[1:3])
        return suppress(
            boxes,
            scores,
            classes,
            max_detections=self.max_detections,
            iou_threshold=self.iou_threshold,
            score_threshold=self.score_threshold,
        )

    def compute_output_spec(self, predictions, image=None):
        """Returns shapes and dtypes, which JAX cannot tell for any size."""
        split(predictions)
        return detections_spec(predictions.shape[0], self.max_detections)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "max_detections": self.max_detections,
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
            "num_candidates": self.num_candidates,
        }
