"""Accuracy of "the object is there"."""

import keras
from keras import ops

from mtvision.metrics import MultiLabelAccuracy
from mtvision.tasks.localization.columns import split


@keras.saving.register_keras_serializable(package="mtvision")
class ObjectnessAccuracy(MultiLabelAccuracy):
    """Share of the objects that are rightly called present or absent.

    Truth and predictions are vectors as for `LocalizationLoss`; objects
    whose objectness is NaN or negative are left out. `sample_weight` is
    (B,).

    Args:
        threshold: The logit above which the object is called present.

    Example:

    >>> metric = ObjectnessAccuracy()
    >>> truth = [[1.0, 0, 0, 4, 4], [0.0, 0, 0, 0, 0]]
    >>> metric.update_state(truth, [[9.0, 0, 0, 4, 3], [9.0, 2, 0, 6, 4]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, *, threshold=0.0, name="objectness", dtype=None):
        super().__init__(threshold=threshold, name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        truth, logits = (
            split(ops.convert_to_tensor(y))[0] for y in (y_true, y_pred)
        )
        super().update_state(truth, logits, sample_weight)
