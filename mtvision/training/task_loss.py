"""One task's loss: a mean over the samples that carry its label."""

import keras
from keras import ops

from mtvision.ops import labels, missing
from mtvision.training import shapes, truth
from mtvision.training.loss_tracker import LossTracker
from mtvision.training.replicas import (
    count_replicas,
    share_of_mean,
    share_of_sum,
    sum_over_replicas,
)


class TaskLoss:
    """The loss of one task, its weight in the total, and its running mean.

    The loss of a sample is the mean over its labelled elements (pixels, for a
    map); the loss of the task is the mean over its labelled samples. Samples
    without a label add exactly zero to the loss and to every gradient.

    Args:
        task: Name of the task.
        loss: Anything that `keras.losses.get` takes.
        weight: Float, the task's weight in the total loss.

    Raises:
        ValueError: If the loss is unknown or its reduction gives no scalar.

    Example:

    >>> loss = TaskLoss("depth", "mean_squared_error")
    >>> y = keras.ops.convert_to_tensor([[3.0], [float("nan")]])
    >>> float(loss(y, keras.ops.ones((2, 1))))
    4.0
    """

    def __init__(self, task, loss, weight=1.0):
        self.task = task
        self.weight = weight
        self.loss = _as_loss(task, loss)
        self.tracker = LossTracker(task)
        self._unreduced = _without_reduction(self.loss)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """Computes the task's loss and updates its running mean.

        Args:
            y_true: Truth, a tensor (B, ...) or a dict of tensors.
            y_pred: Prediction, a tensor (B, ...).
            sample_weight: Tensor (B,) or (B, ...), or `None`. Zero means
                that the sample does not carry the label.

        Returns:
            Scalar tensor.

        Raises:
            ValueError: If truth, prediction and loss do not fit together.
        """
        return self._evaluate(y_true, y_pred, sample_weight)[0]

    def measure(self, y_true, y_pred, sample_weight=None):
        """As a call, which also tells whether any sample has a label.

        Args:
            y_true: As for a call.
            y_pred: Likewise.
            sample_weight: Likewise.

        Returns:
            Scalar tensor, and a bool scalar.

        Raises:
            ValueError: If truth, prediction and loss do not fit together.
        """
        value, count = self._evaluate(y_true, y_pred, sample_weight)
        return value, count > 0

    def _evaluate(self, y_true, y_pred, sample_weight):
        """The loss, and how many samples of the whole batch have a label."""
        y_true = truth.as_tensors(y_true)
        y_pred = ops.convert_to_tensor(y_pred)
        shapes.check_pair(self.task, self.loss, y_true, y_pred)
        if hasattr(self.loss, "mark_strays"):  # only y_pred tells the classes
            y_true = self.loss.mark_strays(y_true, y_pred)
        y_true, labelled = truth.split(self.loss, y_true, sample_weight)
        if hasattr(self.loss, "unlabel"):  # it looks at the whole batch
            y_true = self.loss.unlabel(y_true, labels.any_in_sample(labelled))
        # What is finite becomes 0 by a weight of 0; NaN would not.
        is_finite = truth.is_finite(self.loss)
        if not is_finite:
            present = labels.any_in_sample(labelled)
            y_pred = missing.block_gradient(y_pred, present)
        values = self._values(y_true, y_pred)
        self._check_weight(sample_weight, values)
        labelled = truth.labelled_like(values, labelled)
        weights = truth.weights_like(values, labelled, sample_weight)
        if not is_finite:
            values = ops.where(labelled, values, 0.0)
        if self.loss.reduction == "mean_with_sample_weight":
            weights = ops.broadcast_to(weights, ops.shape(values))
            total = ops.sum(values * weights)
            value = share_of_mean(total, ops.sum(weights))[0]
            return self._track(value, labelled)
        values = values * weights
        if self.loss.reduction == "sum":
            return self._track(share_of_sum(ops.sum(values)), labelled)
        present = weights
        if sample_weight is not None:
            present = ops.cast(labelled, "float32")
        means, counted = _sample_means(values, present)
        self.tracker.update_state(means, sample_weight=counted)
        return share_of_mean(ops.sum(means * counted), ops.sum(counted))

    def _track(self, value, labelled):
        present = labels.any_in_sample(labelled)
        count = ops.sum(ops.cast(present, "float32"))
        self.tracker.update_state(value * count_replicas(), sample_weight=count)
        return value, sum_over_replicas(count)

    def _check_weight(self, sample_weight, values):
        if sample_weight is None:
            return
        shape = tuple(truth.standardize_weight(sample_weight).shape)
        if len(shape) > len(values.shape):
            raise ValueError(
                f"Task '{self.task}': the sample weights have shape {shape}, "
                f"but {type(self.loss).__name__} gives values of shape "
                f"{tuple(values.shape)}. Give one weight for each value; "
                "within a sample, mark what is missing in the truth itself "
                "(NaN or -1)."
            )

    def _values(self, y_true, y_pred):
        try:
            values = self._unreduced(y_true, y_pred)
        except Exception as error:
            raise ValueError(
                f"Task '{self.task}': {type(self.loss).__name__} failed for "
                f"truth {shapes.describe(y_true)} and prediction "
                f"{shapes.describe(y_pred)}: {error}"
            ) from error
        if len(values.shape) == 0:
            raise ValueError(
                f"Task '{self.task}': expected the loss to return one value "
                "for each sample, (B,), so that missing labels can be left "
                "out; received a scalar. Reduce over all axes but the first."
            )
        return ops.cast(values, "float32")


class FunctionLoss(keras.losses.Loss):
    """A loss from a function `(y_true, y_pred) -> (B, ...)`.

    Args:
        function: The function.
    """

    def __init__(self, function):
        name = getattr(function, "__name__", "")
        # A lambda's name is none that TensorFlow takes.
        super().__init__(name=name if name.isidentifier() else None)
        self.function = function

    def call(self, y_true, y_pred):
        """Calls the function."""
        return self.function(y_true, y_pred)


def _as_loss(task, loss):
    try:
        loss = keras.losses.get(loss)
    except (ValueError, TypeError) as error:
        raise ValueError(f"Task '{task}': {error}") from error
    if isinstance(loss, keras.losses.Loss):
        if loss.reduction in (None, "none"):
            raise ValueError(
                f"Task '{task}': the loss has reduction={loss.reduction!r}, "
                "which gives no scalar to minimise. Use "
                "'sum_over_batch_size', 'sum' or 'mean_with_sample_weight'."
            )
        return loss
    return FunctionLoss(loss)


def _without_reduction(loss):
    # copy.copy would serialise the loss, which not every loss allows.
    twin = object.__new__(type(loss))
    twin.__dict__.update(vars(loss), reduction=None)
    return twin


def _sample_means(values, present):
    """Mean over each sample's labelled elements; 1 for who has any, or 0."""
    axes = tuple(range(1, len(values.shape)))
    if axes:
        count = ops.sum(ops.broadcast_to(present, ops.shape(values)), axis=axes)
        values = ops.sum(values, axis=axes) / ops.maximum(count, 1.0)
        present = ops.cast(count > 0, "float32")
    return values, present
