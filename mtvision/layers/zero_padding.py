"""Zeros where a text has no word."""

import keras
from keras import layers

from mtvision.ops.words import zero_padding


@keras.saving.register_keras_serializable(package="mtvision")
class ZeroPadding(layers.Layer):
    """Puts zeros where there is no word.

    After each step of a text's network, it makes what comes of a text the
    same whatever padding it has.

    Call:
        values: Tensor (B, L, C).
        words: Integer tensor (B, L), 0 or less where there is no word.

    Returns:
        Tensor (B, L, C).

    Example:

    >>> values = keras.ops.ones((1, 2, 1))
    >>> masked = ZeroPadding()(values, np.array([[7, 0]]))
    >>> [float(x) for x in masked[0, :, 0]]
    [1.0, 0.0]
    """

    def call(self, values, words):
        """Returns the values with zeros."""
        return zero_padding(values, words)

    def compute_output_shape(self, values_shape, words_shape):
        """Returns the shape of the values."""
        return values_shape
