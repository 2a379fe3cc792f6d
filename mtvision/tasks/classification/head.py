"""Head that classifies whole images."""

import keras
from keras import layers, ops

from mtvision.ops.pyramids import take_level
from mtvision.ops.shapes import require_channels_last


@keras.saving.register_keras_serializable(package="mtvision")
class ClassificationHead(layers.Layer):
    """Global average pooling and one or two dense layers.

    Serves single-label classification (softmax over the logits) and
    multi-label classification (a sigmoid on each) alike: the loss decides.

    Args:
        num_classes: C, classes or attributes.
        level: Which map of a pyramid is pooled.
        hidden: Units of a ReLU layer before the logits; 0 for none.
        dropout: Share of the pooled features dropped in training.

    Call:
        features: Dict of maps (B, H, W, D), a single one, or vectors (B, D).

    Returns:
        Logits (B, C), float32.

    Example:

    >>> head = ClassificationHead(6)
    >>> tuple(head({"P5": keras.ops.ones((2, 3, 3, 8))}).shape)
    (2, 6)
    """

    def __init__(
        self, num_classes, *, level="P5", hidden=0, dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.num_classes = num_classes
        self.level = level
        self.hidden = hidden
        self.dropout = dropout
        self.steps = [
            layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout"),
            layers.Dense(num_classes, dtype="float32", name="logits"),
        ]
        if hidden:
            first = layers.Dense(
                hidden,
                activation="relu",
                dtype=self.dtype_policy,
                name="hidden",
            )
            self.steps = [first, *self.steps]

    def build(self, features_shape):
        """Creates the weights."""
        shape = (None, take_level(features_shape, self.level)[-1])
        for step in self.steps:
            step.build(shape)
            shape = step.compute_output_shape(shape)

    def call(self, features):
        """Returns the logits of the classes."""
        x = take_level(features, self.level)
        if len(x.shape) == 4:
            x = ops.mean(x, axis=(1, 2))
        for step in self.steps:
            x = step(x)
        return x

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "level": self.level,
            "hidden": self.hidden,
            "dropout": self.dropout,
        }
