"""Focal loss of class indices."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.focal import categorical_focal, require_focal
from mtvision.ops.labels import (
    any_in_sample,
    class_factors,
    is_labelled,
    match_rank,
)
from mtvision.ops.truth_checks import check_class_maps


@keras.saving.register_keras_serializable(package="mtvision")
class CategoricalFocal(keras.losses.Loss):
    """Cross entropy of classes that looks away from what is right already.

    `(1 - p_t) ** gamma (-log p_t)`, where p_t is the probability of the true
    class, averaged over the labelled elements of each sample.

    Truth is class indices (B, ...) or (B, ..., 1); elements with a negative
    label, `ignore_class` or an index beyond the classes carry no label.
    Predictions are logits (B, ..., C); with C = 1 they speak of class 1
    against class 0.

    Args:
        gamma: How much less an element counts that is nearly right; 0 gives
            the cross entropy.
        ignore_class: A class index that means "unlabelled", such as 255.
        class_weights: `None`, or one factor a class (two if C = 1): the
            paper's alpha.

    Raises:
        ValueError: If `gamma` is negative.

    Example:

    >>> loss = CategoricalFocal(ignore_class=255)
    >>> truth, logits = np.array([[1, 255]]), np.zeros((1, 2, 4))
    >>> round(float(loss(truth, logits)), 4)
    0.7798

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017, with the
        softmax in place of the sigmoid.
    """

    def __init__(
        self,
        *,
        gamma=2.0,
        ignore_class=None,
        class_weights=None,
        reduction="sum_over_batch_size",
        name="categorical_focal",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_focal(None, gamma)
        self.gamma = gamma
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
        values = categorical_focal(labels, y_pred, gamma=self.gamma)
        if self.class_weights is not None:
            factors = class_factors(self.class_weights, num_classes, self.name)
            values = values * ops.take(factors, labels)
        return masked_mean_per_sample(values, labelled)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds classes for such predictions."""
        check_class_maps(y_true, y_pred, ignore_class=self.ignore_class)

    def labelled(self, y_true):
        """Which samples have a labelled element: boolean (B,)."""
        return any_in_sample(
            is_labelled(y_true, ignore_class=self.ignore_class)
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "gamma": self.gamma,
            "ignore_class": self.ignore_class,
            "class_weights": self.class_weights,
        }
