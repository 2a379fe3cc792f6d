"""Confusion matrix and the scores that are ratios of its counts."""

import keras
from keras import ops

from mtvision.metrics.exact_counts import ExactCounts
from mtvision.ops.confusion import (
    confusion_counts,
    counted_classes,
    macro_scores,
)
from mtvision.ops.exact_counts import total_counts
from mtvision.ops.labels import match_rank
from mtvision.ops.option_checks import require_class_or_none, require_count
from mtvision.ops.pixel_weights import labels_and_weights
from mtvision.ops.truth_checks import check_map_size, check_samples


@keras.saving.register_keras_serializable(package="mtvision")
class ConfusionMatrix(ExactCounts):
    """Counts how often each class was taken for each class.

    Works for classification, logits (B, C), and segmentation, logits
    (B, H, W, C); with C = 1 the logit speaks of class 1 against class 0.
    Truth is class indices; negative ones, `ignore_class` and those of C and
    more are left out. Of a dict `{"labels": ..., "weights": ...}`, which
    weighs the pixels of a loss, the labels are read. `sample_weight` is (B,)
    or has the shape of the truth. A prediction that holds NaN is wrong: it
    counts as the class after the true one.

    `matrix()` gives the counts. `result()`, which `fit` logs, gives ratios
    of them as a dict: `accuracy`, and the means over the classes of
    `precision`, `recall` and `f1`, without the classes that the truth does
    not hold.

    Counts are integers, exact up to 2 ** 55, if each stays below 2 ** 31 -
    2 ** 25 in any one batch. So they are with weights of 0 and 1; other
    weights are summed as float32 within a batch.

    Args:
        num_classes: C, at least 2.
        ignore_class: A class index that means "unlabelled", such as 255.

    Raises:
        ValueError: If `num_classes` is below 2.

    Example:

    >>> metric = ConfusionMatrix(2)
    >>> metric.update_state([0, 1, 1], [[2.0, 1.0], [0.0, 3.0], [4.0, 0.0]])
    >>> metric.matrix().tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    >>> round(float(metric.result()["accuracy"]), 3)
    0.667
    """

    def __init__(
        self,
        num_classes,
        *,
        ignore_class=None,
        name="confusion_matrix",
        dtype=None,
    ):
        # Two classes with one logit are num_classes=2.
        require_count(num_classes, 2, "num_classes")
        require_class_or_none(ignore_class, "ignore_class")
        super().__init__((num_classes, num_classes), name=name, dtype=dtype)
        self.num_classes = num_classes
        self.ignore_class = ignore_class

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        y_pred = ops.convert_to_tensor(y_pred)
        labels, _ = labels_and_weights(y_true)
        labels = match_rank(ops.convert_to_tensor(labels), y_pred)
        check_samples(labels, y_pred)
        check_map_size(labels, y_pred, head="SegmentationHead")
        self.check_predictions(y_pred)
        sums = confusion_counts(
            labels,
            counted_classes(y_pred),
            self.num_classes,
            ignore_class=self.ignore_class,
            sample_weight=sample_weight,
        )
        self.add(*sums)

    def result(self):
        """Returns the scores so far."""
        return macro_scores(self.totals())

    def matrix(self):
        """The counts (C, C) as numpy: row = truth, column = prediction."""
        carries, units, fractions = (
            ops.convert_to_numpy(x)
            for x in (self.carries, self.units, self.fractions)
        )
        return total_counts(carries, units, fractions.astype("float64"))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "ignore_class": self.ignore_class,
        }

    def check_predictions(self, y_pred):
        """Raises unless predictions (..., C) have the number of classes."""
        channels = y_pred.shape[-1]
        if max(channels, 2) != self.num_classes:
            raise ValueError(
                f"Metric {self.name!r} was made for num_classes="
                f"{self.num_classes}, but the predictions have {channels} "
                "channels. Give both the same number of classes."
            )
