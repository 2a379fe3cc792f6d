"""Pooling that learns where to look."""

import keras
from keras import layers, ops

from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.ops.voting import attend


@keras.saving.register_keras_serializable(package="mtvision")
class AttentionPooling2D(layers.Layer):
    """Mean over a map's cells, weighted by a softmax of what each one says.

    A linear function of a cell's features says how much the cell counts.
    Where an average dilutes one small object in a large scene, this can
    follow it.

    Call:
        x: Map (B, H, W, D), of any size.

    Returns:
        Vectors (B, D).

    Example:

    >>> pooled = AttentionPooling2D()(keras.ops.ones((2, 5, 7, 3)))
    >>> tuple(pooled.shape)
    (2, 3)

    Reference:
        Ilse et al., Attention-based Deep Multiple Instance Learning, 2018
        (without its hidden layer).
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.score = layers.Dense(1, dtype="float32", name="score")

    def build(self, input_shape):
        """Creates the weights."""
        require_rank(input_shape, 4, "a map (B, H, W, D)")
        self.score.build((None, None, input_shape[-1]))

    def call(self, x):
        """Returns the vectors."""
        cells = ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1]))
        votes = ops.expand_dims(ops.cast(cells, "float32"), 2)
        pooled = attend(self.score(cells), votes)[:, 0]
        return ops.cast(pooled, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the vectors."""
        return (input_shape[0], input_shape[-1])
