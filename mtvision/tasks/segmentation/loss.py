"""Loss of semantic segmentation."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import (
    any_in_sample,
    class_factors,
    is_labelled,
    match_rank,
)
from mtvision.ops.truth_checks import check_class_maps


@keras.saving.register_keras_serializable(package="mtvision")
class SegmentationLoss(keras.losses.Loss):
    """Cross entropy of every labelled pixel, averaged over them.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label, `ignore_class` or an index beyond the classes carry no label.
    Predictions are logits (B, H, W, C); with C = 1 they speak of class 1
    against class 0.

    Args:
        ignore_class: A class index that means "unlabelled", or `None`.
        class_weights: `None`, or one factor a class (two if C = 1) for the
            pixels of the class.

    Example:

    >>> import numpy as np
    >>> truth, logits = np.array([[[0, 255]]]), np.zeros((1, 1, 2, 4))
    >>> round(float(SegmentationLoss()(truth, logits)), 4)
    1.3863
    """

    def __init__(
        self,
        *,
        ignore_class=255,
        class_weights=None,
        reduction="sum_over_batch_size",
        name="segmentation_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self.ignore_class = ignore_class
        self.class_weights = class_weights

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        labels = match_rank(y_true, y_pred)
        num_classes = max(y_pred.shape[-1], 2)
        labelled = is_labelled(
            labels, num_classes=num_classes, ignore_class=self.ignore_class
        )
        labels = ops.cast(ops.where(labelled, labels, 0), "int32")
        values = _cross_entropy(labels, y_pred)
        if self.class_weights is not None:
            factors = class_factors(self.class_weights, num_classes, self.name)
            values = values * ops.take(factors, labels)
        return masked_mean_per_sample(values, labelled)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds classes for such predictions."""
        check_class_maps(y_true, y_pred, ignore_class=self.ignore_class)

    def labelled(self, y_true):
        """Which samples have a labelled pixel: boolean (B,)."""
        return any_in_sample(
            is_labelled(y_true, ignore_class=self.ignore_class)
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "ignore_class": self.ignore_class,
            "class_weights": self.class_weights,
        }


def _cross_entropy(labels, logits):
    if logits.shape[-1] == 1:
        truth = ops.cast(labels, "float32")
        return ops.binary_crossentropy(truth, logits[..., 0], from_logits=True)
    return ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
