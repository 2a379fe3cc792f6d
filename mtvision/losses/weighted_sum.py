"""Weighted sum of the losses of one task."""

import keras
from keras import ops

from mtvision.ops.averages import mean_per_sample
from mtvision.ops.box_faults import check_boxes
from mtvision.ops.missing import (
    all_over_last_axes,
    fill_missing,
    is_given,
    is_not_nan,
)
from mtvision.ops.option_checks import require_not_negative


@keras.saving.register_keras_serializable(package="mtvision")
class WeightedSum(keras.losses.Loss):
    """Several losses of the same truth and prediction, weighed and added.

    The loss of a sample is the sum over the losses of `weights[i]` times
    loss i. Every loss leaves out the missing labels that it knows of; a loss
    that knows none, as those of Keras, counts only samples without any
    missing label (NaN, or an integer -1).

    Args:
        losses: Sequence of what `keras.losses.get` takes; their reductions
            have no effect.
        weights: Sequence of as many numbers of 0 or more; `None` gives each
            the weight 1.

    Raises:
        ValueError: If there is no loss, one is unknown, or the weights do
            not fit.

    Example:

    >>> from mtvision.losses import CategoricalFocal, Dice
    >>> loss = WeightedSum([CategoricalFocal(gamma=0), Dice()], weights=[1, 2])
    >>> truth, logits = np.array([[[0, 1]]]), np.zeros((1, 1, 2, 2))
    >>> round(float(loss(truth, logits)), 3)  # ln 2 + 2 x 0.5
    1.693
    """

    def __init__(
        self,
        losses,
        *,
        weights=None,
        reduction="sum_over_batch_size",
        name="weighted_sum",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self.losses = [_as_loss(loss) for loss in _as_list(losses)]
        self.weights = weights
        if weights is not None:
            _check_weights(weights, len(self.losses))

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        weights = self.weights or [1.0] * len(self.losses)
        values = [
            weight * _sample_values(loss, y_true, y_pred)
            for weight, loss in zip(weights, self.losses)
        ]
        return sum(values[1:], values[0])

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth suits each of the losses."""
        for loss in self.losses:
            if hasattr(loss, "check_truth"):
                loss.check_truth(y_true, y_pred)

    def check_image_size(self, y_true, image_size):
        """Raises unless a numpy truth suits images of a size (H, W)."""
        for loss in self.losses:
            if hasattr(loss, "check_image_size"):
                loss.check_image_size(y_true, image_size)
            if hasattr(loss, "truth_boxes"):
                check_boxes(loss.truth_boxes(y_true), image_size)

    def check_volume_size(self, y_true, volume_size):
        """Raises unless a numpy truth suits volumes of a size (D, H, W)."""
        for loss in self.losses:
            if hasattr(loss, "check_volume_size"):
                loss.check_volume_size(y_true, volume_size)

    def mark_strays(self, y_true, y_pred):
        """Returns the truth with classes beyond those of `y_pred` missing."""
        # A loss of Keras may have an `ignore_class` beyond them.
        if all(hasattr(loss, "mark_strays") for loss in self.losses):
            for loss in self.losses:
                y_true = loss.mark_strays(y_true, y_pred)
        return y_true

    def labelled(self, y_true):
        """Which samples have a label for each of the losses: boolean (B,)."""
        known = [_labelled(loss, y_true) for loss in self.losses]
        return ops.all(ops.stack(known), axis=0)

    def unlabel(self, y_true, labelled):
        """Takes the labels from samples, for losses over the whole batch.

        Args:
            y_true: Truth, a tensor (B, ...) or a dict of tensors.
            labelled: Boolean tensor (B,), the samples that keep theirs.

        Returns:
            A truth of the same structure.
        """
        for loss in self.losses:
            if hasattr(loss, "unlabel"):
                y_true = loss.unlabel(y_true, labelled)
        return y_true

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "losses": [keras.losses.serialize(loss) for loss in self.losses],
            "weights": self.weights,
        }


def _as_list(losses):
    if not isinstance(losses, list | tuple) or not losses:
        raise ValueError(
            "Expected losses as a list of one loss or more, for example "
            f"[SegmentationLoss(), Dice()]; received {losses!r}."
        )
    return losses


def _as_loss(loss):
    found = keras.losses.get(loss)
    if not callable(found):
        raise ValueError(f"Expected losses, received {loss!r} among them.")
    return found


def _check_weights(weights, number):
    sound = isinstance(weights, list | tuple) and len(weights) == number
    if not sound:
        raise ValueError(
            f"Expected weights as {number} numbers of 0 or more, one for each "
            f"loss; received weights={weights!r}."
        )
    for weight in weights:
        require_not_negative(weight, "each of the weights")


def _sample_values(loss, y_true, y_pred):
    if not hasattr(loss, "labelled"):
        y_true = keras.tree.map_structure(
            lambda y: fill_missing(y, is_not_nan(y)), y_true
        )
    function = getattr(loss, "call", loss)
    values = function(y_true, y_pred)
    if len(values.shape) == 0:
        raise ValueError(
            f"Expected {loss} to return one value for each sample, (B,), "
            "received a scalar."
        )
    return mean_per_sample(ops.cast(values, "float32"))


def _labelled(loss, y_true):
    if hasattr(loss, "labelled"):
        return loss.labelled(y_true)
    known = [
        all_over_last_axes(is_given(y), 1) for y in keras.tree.flatten(y_true)
    ]
    return ops.all(ops.stack(known), axis=0)
