"""Share of localization vectors whose box is correct."""

import keras

from mtvision.metrics import CorrectAtIoU
from mtvision.tasks.localization.columns import present_boxes


@keras.saving.register_keras_serializable(package="mtvision")
class LocalizationCorrect(CorrectAtIoU):
    """Share of the present objects whose box reaches an IoU.

    Truth, predictions and weights as for `LocalizationIoU`.

    Args:
        threshold: The least IoU of a correct box.

    Example:

    >>> metric = LocalizationCorrect(threshold=0.7)
    >>> truth = [[1.0, 0, 0, 4, 4], [1.0, 0, 0, 4, 4]]
    >>> metric.update_state(truth, [[9.0, 0, 0, 4, 3], [9.0, 2, 0, 6, 4]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, *, threshold=0.5, name="correct", dtype=None):
        super().__init__(threshold=threshold, name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        super().update_state(*present_boxes(y_true, y_pred), sample_weight)
