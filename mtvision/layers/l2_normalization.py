"""Normalisation of every pixel's features to one length."""

import keras
from keras import initializers, layers, ops

from mtvision.ops.angles import unit_vectors
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class L2Normalization(layers.Layer):
    """Divides by the Euclidean length, and scales each channel as learned.

    It brings maps whose values are of different sizes to one. Those shorter
    than 0.001 are multiplied by 1000 only, so that gradients stay in bounds.

    Args:
        scale: Length before training.

    Call:
        inputs: Tensor (..., C).

    Returns:
        Tensor (..., C).

    Raises:
        ValueError: If `scale` is not positive.

    Example:

    >>> outputs = L2Normalization(scale=10.0)(np.array([[3.0, 4.0]]))
    >>> [round(float(x), 3) for x in outputs[0]]
    [6.0, 8.0]

    Reference:
        Liu et al., ParseNet, 2015.
    """

    def __init__(self, *, scale=20.0, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(scale, "scale")
        self.scale = scale

    def build(self, input_shape):
        """Creates one factor a channel."""
        self.factors = self.add_weight(
            shape=(input_shape[-1],),
            initializer=initializers.Constant(self.scale),
            name="factors",
        )

    def call(self, inputs):
        """Returns the scaled features."""
        # The squares of many channels leave float16.
        x = unit_vectors(ops.cast(inputs, "float32"))
        return ops.cast(x, self.compute_dtype) * self.factors

    def compute_output_shape(self, input_shape):
        """Returns the shape, unchanged."""
        return input_shape

    def get_config(self):
        """Returns the argument, to revive it from."""
        return {**super().get_config(), "scale": self.scale}
