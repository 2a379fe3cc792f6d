"""What the losses of one class index for each element have in common."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import (
    class_factors,
    is_labelled,
    match_rank,
)
from mtvision.ops.option_checks import (
    require_class_or_none,
    require_factors_or_none,
)
from mtvision.ops.pixel_weights import (
    check_pixel_weights,
    known_weights,
    labelled_samples,
    labels_and_weights,
    mark_strays,
)
from mtvision.ops.truth_checks import (
    check_class_maps,
    check_map_size,
    check_samples,
)


class ClassIndexLoss(keras.losses.Loss):
    """Mean over the labelled elements of each sample.

    Truth is class indices (B, ...) or (B, ..., 1), or a dict of them as
    `labels` and factors of the same shape as `weights`. Elements with a
    negative label, `ignore_class` or an index beyond the classes carry no
    label. Predictions are logits (B, ..., C); with C = 1 they speak of class
    1 against class 0.

    A subclass gives the loss of each element in `element_losses`.

    Args:
        ignore_class: A class index that means "unlabelled", or `None`.
        class_weights: `None`, or one factor a class (two if C = 1).
    """

    def __init__(self, *, ignore_class, class_weights, reduction, name):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_class_or_none(ignore_class, "ignore_class")
        require_factors_or_none(class_weights, "class_weights")
        self.ignore_class = ignore_class
        self.class_weights = class_weights

    def element_losses(self, labels, logits):
        """Loss of every element.

        Args:
            labels: Tensor (B, ...), int32, from 0 to C - 1.
            logits: Tensor (B, ..., C).

        Returns:
            Tensor (B, ...), float32.
        """
        raise NotImplementedError

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        labels, weights = labels_and_weights(y_true)
        labels = match_rank(labels, y_pred)
        check_samples(labels, y_pred)
        check_map_size(labels, y_pred, head="SegmentationHead")
        num_classes = max(y_pred.shape[-1], 2)
        labelled = is_labelled(
            labels, num_classes=num_classes, ignore_class=self.ignore_class
        )
        labels = ops.cast(ops.where(labelled, labels, 0), "int32")
        values = self.element_losses(labels, y_pred)
        if self.class_weights is not None:
            factors = class_factors(self.class_weights, num_classes, self.name)
            values = values * ops.take(factors, labels)
        if weights is not None:
            values = values * known_weights(weights, labels.shape)
        return masked_mean_per_sample(values, labelled)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds classes for such predictions."""
        labels, weights = labels_and_weights(y_true)
        check_class_maps(labels, y_pred, ignore_class=self.ignore_class)
        check_pixel_weights(weights, labels)

    def mark_strays(self, y_true, y_pred):
        """Returns the truth with classes beyond those of `y_pred` missing."""
        return mark_strays(y_true, y_pred)

    def labelled(self, y_true):
        """Which samples have a labelled element: boolean (B,)."""
        return labelled_samples(y_true, ignore_class=self.ignore_class)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "ignore_class": self.ignore_class,
            "class_weights": self.class_weights,
        }
