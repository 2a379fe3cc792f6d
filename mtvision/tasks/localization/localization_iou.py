"""Mean IoU of the boxes of localization vectors."""

import keras

from mtvision.metrics import BoxIoU
from mtvision.tasks.localization.columns import present_boxes


@keras.saving.register_keras_serializable(package="mtvision")
class LocalizationIoU(BoxIoU):
    """Mean IoU of the boxes, over the objects that are present.

    Truth and predictions are vectors as for `LocalizationLoss`; objects
    that are absent, unlabelled or without a box are left out.
    `sample_weight` is (B,).

    Example:

    >>> metric = LocalizationIoU()
    >>> truth = [[1.0, 0, 0, 4, 4], [0.0, 0, 0, 4, 4]]
    >>> metric.update_state(truth, [[9.0, 2, 0, 6, 4], [9.0, 0, 0, 1, 1]])
    >>> round(float(metric.result()), 3)
    0.333
    """

    def __init__(self, *, name="iou", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        super().update_state(*present_boxes(y_true, y_pred), sample_weight)
