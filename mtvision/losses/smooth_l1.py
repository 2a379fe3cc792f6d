"""Smooth L1 loss."""

import keras
from keras import ops

from mtvision.ops.averages import mean_per_sample
from mtvision.ops.shapes import require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class SmoothL1(keras.losses.Loss):
    """Squared for small errors, absolute for large ones.

    `error ** 2 / (2 beta)` below `beta`, `error - beta / 2` above: Keras'
    `Huber(delta=beta)` over `beta`, so that the slope of large errors is 1
    whatever `beta`.

    Truth and predictions are (B, ...); the mean is over all but the batch.

    Args:
        beta: Where the two parts meet, in the unit of the values; 0 gives
            the absolute error.

    Raises:
        ValueError: If `beta` is negative.

    Example:

    >>> import numpy as np
    >>> float(SmoothL1()(np.array([[0.0, 0.0]]), np.array([[0.5, 2.0]])))
    0.8125

    Reference:
        Girshick, Fast R-CNN, 2015. Equal to PyTorch's `smooth_l1_loss`.
    """

    def __init__(
        self, *, beta=1.0, reduction="sum_over_batch_size", name="smooth_l1"
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if beta < 0:
            raise ValueError(f"Expected beta >= 0, received beta={beta}.")
        self.beta = beta

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_same_shape(y_true, y_pred, self.name)
        error = ops.abs(y_pred - y_true)
        if self.beta > 0:
            bend = ops.minimum(error, self.beta)
            error = bend * (error - bend / 2) / self.beta
        return mean_per_sample(error)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth has the shape of the predictions."""
        require_same_shape(y_true, y_pred, self.name)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "beta": self.beta}
