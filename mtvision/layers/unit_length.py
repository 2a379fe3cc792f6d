"""Vectors of length 1."""

import keras
from keras import layers

from mtvision.ops.angles import unit_vectors


@keras.saving.register_keras_serializable(package="mtvision")
class UnitLength(layers.Layer):
    """Divides vectors by their Euclidean length, in float32.

    Those shorter than 0.001 are multiplied by 1000, and zero stays zero, so
    that a black image has no gradient that is NaN, as it would have with
    `keras.layers.UnitNormalization` on JAX and PyTorch.

    Call:
        inputs: Tensor (..., D).

    Returns:
        Tensor (..., D), float32.

    Example:

    >>> [round(float(x), 3) for x in UnitLength()(np.array([[3.0, 4.0]]))[0]]
    [0.6, 0.8]
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, inputs):
        """Returns the vectors."""
        return unit_vectors(inputs)

    def compute_output_shape(self, input_shape):
        """Returns the shape, unchanged."""
        return input_shape
