"""From class logits to probabilities."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeClassification(layers.Layer):
    """Turns logits into probabilities, in float32.

    Args:
        multi_label: Whether each class is a yes-or-no question of its own.

    Call:
        logits: Tensor (B, C).

    Returns:
        Tensor (B, C), float32.

    Example:

    >>> decode = DecodeClassification(multi_label=True)
    >>> [float(p) for p in decode(keras.ops.zeros((1, 2)))[0]]
    [0.5, 0.5]
    """

    def __init__(self, *, multi_label=False, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.multi_label = multi_label

    def call(self, logits):
        """Returns the probabilities."""
        logits = ops.cast(logits, "float32")
        if self.multi_label:
            return ops.sigmoid(logits)
        return ops.softmax(logits, axis=-1)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "multi_label": self.multi_label}
