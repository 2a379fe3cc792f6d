"""Wing loss."""

import math

import keras
from keras import ops

from mtvision.ops.averages import mean_per_sample
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.shapes import require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class Wing(keras.losses.Loss):
    """Logarithmic for small errors, absolute for large ones.

    `width * log(1 + error / curvature)` below `width`, and above it the error
    less a constant that joins both. So small errors, of which there are many,
    count more than in `SmoothL1`.

    Truth and predictions are (B, ...); the mean is over all but the batch.

    Args:
        width: Where the two parts meet, in the unit of the values.
        curvature: The smaller, the steeper the loss is near 0.

    Raises:
        ValueError: If an option is not above 0.

    Example:

    >>> loss = Wing(width=10.0, curvature=2.0)
    >>> round(float(loss(np.array([[0.0]]), np.array([[2.0]]))), 4)
    6.9315

    Reference:
        Feng et al., Wing Loss for Robust Facial Landmark Localisation with
        Convolutional Neural Networks, 2018, whose values for faces of 256
        pixels are the defaults.
    """

    def __init__(
        self,
        *,
        width=10.0,
        curvature=2.0,
        reduction="sum_over_batch_size",
        name="wing",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_above_zero(width, "width")
        require_above_zero(curvature, "curvature")
        self.width = width
        self.curvature = curvature

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_same_shape(y_true, y_pred, self.name)
        error = ops.abs(y_pred - y_true)
        small = ops.minimum(error, self.width)
        top = self.width * math.log1p(self.width / self.curvature)
        inner = self.width * ops.log1p(small / self.curvature)
        values = ops.where(error < self.width, inner, error - self.width + top)
        return mean_per_sample(values)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "width": self.width,
            "curvature": self.curvature,
        }
