"""From classified windows to detections."""

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
from mtvision.tasks.window_detection.columns import split


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeWindows(layers.Layer):
    """Takes the windows that show objects, by non-maximum suppression.

    Args:
        max_detections: D, detections an image.
        score_threshold: Windows of a lower probability are left out.
        iou_threshold: Overlap above which the weaker of two boxes of a class
            goes.
        num_candidates: Pairs of a window and a class that take part.

    Call:
        rows: Tensor (B, A, C + 1 + 4) of `WindowHead`.
        image: Tensor (B, H, W, 3), optional: boxes are cut at its border.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels; `"scores"` (B, D); and
        `"classes"` (B, D), int32, by falling score. Padding has class -1.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> rows = np.array([[[9.0, 0.0, 0.0, 0.0, 8.0, 8.0]]])
    >>> found = DecodeWindows(max_detections=2)(rows)
    >>> [int(c) for c in found["classes"][0]]
    [0, -1]
    """

    def __init__(
        self,
        *,
        max_detections=100,
        score_threshold=0.05,
        iou_threshold=0.3,
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

    def call(self, rows, image=None):
        """Returns the detections."""
        logits, windows = split(rows)
        scores = ops.softmax(logits, axis=-1)[..., :-1]
        scores, places, classes = top_candidates(scores, self.num_candidates)
        boxes = take_rows(windows, places)
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

    def compute_output_spec(self, rows, image=None):
        """Returns the shapes and dtypes of the detections."""
        return detections_spec(rows.shape[0], self.max_detections)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "max_detections": self.max_detections,
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
            "num_candidates": self.num_candidates,
        }
