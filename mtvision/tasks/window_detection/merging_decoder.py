"""From windows with boxes to detections, by merging."""

import keras
from keras import layers, ops

from mtvision.ops.box_merging import merge_boxes
from mtvision.ops.boxes import clip_boxes
from mtvision.ops.detections import (
    detections_spec,
    reject_empty,
    take_detections,
    take_rows,
    top_candidates,
)
from mtvision.ops.option_checks import require_count, require_not_negative
from mtvision.tasks.window_detection.columns import decode, split


@keras.saving.register_keras_serializable(package="mtvision")
class MergeWindows(layers.Layer):
    """Merges the boxes that windows of one class predict.

    The most probable pairs of a window and a class give their boxes; the two
    that fit best are merged, again and again. A score is the sum of the
    probabilities that were merged, and may be above 1.

    Args:
        max_detections: D, detections an image.
        score_threshold: Windows of a lower probability take no part.
        merge_threshold: As `threshold` of `ops.box_merging.merge_boxes`.
        num_candidates: Pairs of a window and a class that take part; memory
            grows with its square.

    Call:
        rows: List of the rows (B, A, C + 1 + 4) of `WindowHead` and
            (B, A, 4 + 4) of `WindowBoxHead`.
        image: Tensor (B, H, W, 3), optional: boxes are cut at its border.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels; `"scores"` (B, D); and
        `"classes"` (B, D), int32, by falling score. Padding has class -1.

    Raises:
        ValueError: If the rows are not two, or an option is out of range.

    Example:

    >>> classes = np.array([[[9.0, 0.0, 0.0, 0.0, 8.0, 8.0]]])
    >>> boxes = np.array([[[-1.0, -1.0, 0.0, 1.0, 0.0, 0.0, 8.0, 8.0]]])
    >>> found = MergeWindows(max_detections=2)([classes, boxes])
    >>> [float(v) for v in found["boxes"][0, 0]]
    [0.0, 0.0, 4.0, 8.0]

    Reference:
        Sermanet et al., OverFeat, 2013.
    """

    def __init__(
        self,
        *,
        max_detections=100,
        score_threshold=0.5,
        merge_threshold=0.8,
        num_candidates=100,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_detections, 1, "max_detections")
        require_not_negative(score_threshold, "score_threshold")
        require_count(num_candidates, 1, "num_candidates")
        require_not_negative(merge_threshold, "merge_threshold")
        self.max_detections = max_detections
        self.score_threshold = score_threshold
        self.merge_threshold = merge_threshold
        self.num_candidates = num_candidates

    def call(self, rows, image=None):
        """Returns the detections."""
        _require_two(rows)
        logits, _ = split(rows[0])
        scores = ops.softmax(logits, axis=-1)[..., :-1]
        scores, places, classes = top_candidates(scores, self.num_candidates)
        boxes = take_rows(decode(*split(rows[1])), places)
        boxes, scores = merge_boxes(
            boxes,
            ops.where(scores >= self.score_threshold, scores, 0.0),
            classes,
            threshold=self.merge_threshold,
        )
        if image is not None:
            boxes = clip_boxes(boxes, *ops.shape(image)[1:3])
        count = min(self.max_detections, boxes.shape[1])
        best, chosen = ops.top_k(reject_empty(boxes, scores), count)
        chosen = ops.where(best > 0, ops.cast(chosen, "int32"), -1)
        missing = self.max_detections - count
        chosen = ops.pad(chosen, ((0, 0), (0, missing)), constant_values=-1)
        return take_detections(boxes, scores, classes, chosen)

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
            "merge_threshold": self.merge_threshold,
            "num_candidates": self.num_candidates,
        }


def _require_two(rows):
    if not isinstance(rows, list | tuple) or len(rows) != 2:
        raise ValueError(
            "MergeWindows expects a list of the rows of WindowHead and of "
            f"WindowBoxHead, received {rows!r}."
        )
