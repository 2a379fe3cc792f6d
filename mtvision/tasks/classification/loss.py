"""Loss of image classification, single-label and multi-label."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import (
    any_in_sample,
    class_factors,
    is_labelled,
    is_share,
    match_rank,
)
from mtvision.ops.shapes import require_same_shape
from mtvision.ops.truth_checks import check_class_indices, check_shares


@keras.saving.register_keras_serializable(package="mtvision")
class ClassificationLoss(keras.losses.Loss):
    """Cross entropy of class indices, or of several yes-or-no labels.

    Single-label: truth is class indices (B,) or (B, 1), -1 for no label;
    the loss is the cross entropy of the softmax. Multi-label: truth is
    (B, C) in {0, 1}, and NaN or -1 where one attribute carries no label;
    the loss is the mean binary cross entropy of the labelled attributes.
    Predictions are logits (B, C).

    Args:
        multi_label: Whether truth is yes-or-no labels.
        label_smoothing: Share of the truth that is spread evenly, over the
            classes or over yes and no.
        class_weights: `None`, or C factors: of the samples of each class,
            or of each attribute.

    Example:

    >>> import numpy as np
    >>> loss = ClassificationLoss(multi_label=True)
    >>> truth, logits = np.array([[1, -1]]), np.array([[0.0, 5.0]])
    >>> round(float(loss(truth, logits)), 3)
    0.693
    """

    def __init__(
        self,
        *,
        multi_label=False,
        label_smoothing=0.0,
        class_weights=None,
        reduction="sum_over_batch_size",
        name="classification_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if not 0 <= label_smoothing < 1:
            raise ValueError(
                "Expected 0 <= label_smoothing < 1, received "
                f"label_smoothing={label_smoothing}."
            )
        self.multi_label = multi_label
        self.label_smoothing = label_smoothing
        self.class_weights = class_weights

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        if self.multi_label:
            return self._of_attributes(y_true, y_pred)
        return self._of_classes(y_true, y_pred)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds classes for such predictions."""
        if self.multi_label:
            require_same_shape(y_true, y_pred, self.name)
            check_shares(y_true)
        else:
            match_rank(y_true, y_pred)
            check_class_indices(y_true, y_pred.shape[-1])

    def labelled(self, y_true):
        """Which samples have a class, or any attribute: boolean (B,)."""
        given = is_share if self.multi_label else is_labelled
        return any_in_sample(given(y_true))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "multi_label": self.multi_label,
            "label_smoothing": self.label_smoothing,
            "class_weights": self.class_weights,
        }

    def _of_classes(self, y_true, y_pred):
        num_classes = y_pred.shape[-1]
        if num_classes < 2:
            raise ValueError(
                f"Loss {self.name!r} has a single logit, whose softmax is "
                "always 1. Give the head two classes, or set "
                "multi_label=True for a yes-or-no question."
            )
        labels = match_rank(y_true, y_pred)
        labelled = is_labelled(labels, num_classes=num_classes)
        labels = ops.cast(ops.where(labelled, labels, 0), "int32")
        truth = ops.one_hot(labels, num_classes)
        smooth = self.label_smoothing
        truth = truth * (1 - smooth) + smooth / num_classes
        values = ops.categorical_crossentropy(truth, y_pred, from_logits=True)
        if self.class_weights is not None:
            values = values * ops.take(self._factors(y_pred), labels)
        return ops.where(labelled, values, 0.0)

    def _of_attributes(self, y_true, y_pred):
        require_same_shape(y_true, y_pred, self.name)
        labelled = is_share(y_true)
        truth = ops.where(labelled, y_true, 0.0)
        smooth = self.label_smoothing
        truth = truth * (1 - smooth) + smooth / 2
        values = ops.binary_crossentropy(truth, y_pred, from_logits=True)
        if self.class_weights is not None:
            values = values * self._factors(y_pred)
        return masked_mean_per_sample(values, labelled)

    def _factors(self, y_pred):
        return class_factors(self.class_weights, y_pred.shape[-1], self.name)
