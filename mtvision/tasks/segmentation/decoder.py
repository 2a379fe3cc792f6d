"""From pixel logits to a class map."""

import keras
from keras import layers

from mtvision.ops.confusion import predicted_classes


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeSegmentation(layers.Layer):
    """Gives every pixel its most likely class.

    Call:
        logits: Tensor (B, H, W, C); with C = 1 of class 1 against class 0.

    Returns:
        Tensor (B, H, W), int32.

    Example:

    >>> logits = keras.ops.reshape(keras.ops.arange(4.0), (1, 1, 2, 2))
    >>> [int(c) for c in DecodeSegmentation()(logits)[0, 0]]
    [1, 1]
    """

    def call(self, logits):
        """Returns the class of each pixel."""
        return predicted_classes(logits)
