"""Mean IoU of boxes."""

import keras
from keras import ops

from mtvision.ops.averages import spread_weight
from mtvision.ops.boxes import aligned_box_iou, box_area


# Losses have a BoxIoU too, and a registered name must be unique.
@keras.saving.register_keras_serializable("mtvision", "metrics.BoxIoU")
class BoxIoU(keras.metrics.Mean):
    """Mean IoU of the true and predicted boxes of present objects.

    Truth and predictions are boxes (B, 4) or (B, M, 4), xyxy in pixels. A
    truth box that is NaN or has no area stands for an absent object and is
    left out. `sample_weight` is (B,) or (B, M).

    Example:

    >>> metric = BoxIoU()
    >>> truth = [[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 0.0, 0.0]]
    >>> metric.update_state(truth, [[2.0, 0.0, 6.0, 4.0], [1.0, 1.0, 2.0, 2.0]])
    >>> round(float(metric.result()), 3)
    0.333
    """

    def __init__(self, *, name="box_iou", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        y_true = ops.cast(y_true, "float32")
        is_present = box_area(y_true) > 0  # False for NaN
        y_true = ops.where(is_present[..., None], y_true, 0.0)
        scores = self.score(aligned_box_iou(y_true, y_pred))
        weight = ops.cast(is_present, "float32")
        if sample_weight is not None:
            weight = weight * spread_weight(sample_weight, weight)
        super().update_state(scores, sample_weight=weight)

    def score(self, iou):
        """What is averaged, from the IoU of each box."""
        return iou
