"""Maximum over a whole map."""

import keras
from keras import layers, ops

from mtvision.ops.exporting import argmax
from mtvision.ops.shapes import require_channels_last, require_rank


@keras.saving.register_keras_serializable(package="mtvision")
class GlobalMaxPooling2D(layers.Layer):
    """The largest value of each channel of a map.

    What the layer of Keras gives. The gradient goes to the cell that the value
    came from, the first of equal ones; that of Keras looks for the cells that
    equal the maximum, and finds the wrong ones, or none (NaN), where XLA
    computes the map a second time and rounds it otherwise.

    Call:
        x: Map (B, H, W, D), of any size.

    Returns:
        Vectors (B, D).

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(6.0), (1, 3, 2, 1))
    >>> float(GlobalMaxPooling2D()(x)[0, 0])
    5.0
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)

    def build(self, input_shape):
        """Checks the shape."""
        require_rank(input_shape, 4, "a map (B, H, W, D)")

    def call(self, x):
        """Returns the vectors."""
        cells = ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1]))
        places = argmax(cells, axis=1, keepdims=True)
        return ops.take_along_axis(cells, places, axis=1)[:, 0]

    def compute_output_shape(self, input_shape):
        """Returns the shape of the vectors."""
        return (input_shape[0], input_shape[-1])
