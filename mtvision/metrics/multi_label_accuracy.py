"""Accuracy of several yes-or-no labels, some of them missing."""

import keras
from keras import ops

from mtvision.ops.averages import spread_weight
from mtvision.ops.labels import is_share
from mtvision.ops.option_checks import require_finite
from mtvision.ops.shapes import require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class MultiLabelAccuracy(keras.metrics.Mean):
    """Share of the labelled attributes that are predicted right.

    Truth is (B, C) in {0, 1}, NaN or -1 where one attribute carries no
    label; such attributes are left out, which `keras.metrics.BinaryAccuracy`
    cannot do. Predictions are logits (B, C); `sample_weight` is (B,).

    Args:
        threshold: The logit above which an attribute is predicted.

    Raises:
        ValueError: If the threshold is no finite number.

    Example:

    >>> metric = MultiLabelAccuracy()
    >>> metric.update_state([[1, 0, -1]], [[2.0, 3.0, 4.0]])
    >>> float(metric.result())
    0.5
    """

    def __init__(
        self, *, threshold=0.0, name="multi_label_accuracy", dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        require_finite(threshold, "threshold")
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        y_true = ops.cast(y_true, "float32")
        y_pred = ops.cast(y_pred, "float32")
        require_same_shape(y_true, y_pred, self.name)
        right = (y_true > 0.5) == (y_pred > self.threshold)
        weight = ops.cast(is_share(y_true), "float32")
        if sample_weight is not None:
            weight = weight * spread_weight(sample_weight, weight)
        super().update_state(ops.cast(right, "float32"), sample_weight=weight)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "threshold": self.threshold}
