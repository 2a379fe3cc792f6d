"""Head that classifies whole images."""

import keras
from keras import layers

from mtvision.layers import AttentionPooling2D, GlobalMaxPooling2D
from mtvision.layers.pooled_head import PooledHead
from mtvision.ops.option_checks import require_count

POOLINGS = ("average", "max", "flatten", "attention")


@keras.saving.register_keras_serializable(package="mtvision")
class ClassificationHead(PooledHead):
    """Pooling and one or two dense layers.

    Serves single-label classification (softmax over the logits) and
    multi-label classification (a sigmoid on each) alike: the loss decides.

    Args:
        num_classes: C, classes or attributes.
        level: Which map of a pyramid is pooled.
        pooling: `"average"` for the image as a whole, `"max"`, `"flatten"`
            for a dense layer that knows places, on images of one size, or
            `"attention"` for one object in it: the pooling then learns where
            to look, best on a fine level of a `FeaturePyramid`.
        hidden: Units of a ReLU layer before the logits; 0 for none. With
            attention it is a 3 x 3 convolution with BatchNorm, before the
            pooling.
        dropout: Share of the pooled features dropped in training.

    Call:
        features: Dict of maps (B, H, W, D), a single one, or vectors (B, D).

    Returns:
        Logits (B, C), float32.

    Raises:
        ValueError: If the pooling is unknown, the level is not there, or maps
            of unknown size should be flattened.

    Example:

    >>> head = ClassificationHead(6)
    >>> tuple(head({"P5": keras.ops.ones((2, 3, 3, 8))}).shape)
    (2, 6)
    """

    def __init__(
        self,
        num_classes,
        *,
        level="P5",
        pooling="average",
        hidden=0,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(level=level, **kwargs)
        if pooling not in POOLINGS:
            raise ValueError(
                f"Expected pooling to be one of {POOLINGS}, received "
                f"{pooling!r}."
            )
        require_count(num_classes, 1, "num_classes")
        require_count(hidden, 0, "hidden")
        self.num_classes = num_classes
        self.pooling = pooling
        self.hidden = hidden
        self.dropout = dropout
        self.pool = {
            "average": layers.GlobalAveragePooling2D,
            "max": GlobalMaxPooling2D,
            "flatten": layers.Flatten,
            "attention": AttentionPooling2D,
        }[pooling](dtype=self.dtype_policy)
        self.steps = self._make_steps()

    def _make_steps(self):
        options = {"dtype": self.dtype_policy}
        hidden = []
        if self.hidden and self.pooling == "attention":
            hidden = [
                layers.Conv2D(
                    self.hidden, 3, padding="same", use_bias=False, **options
                ),
                # Keras' 0.99 evaluates as noise in a short training.
                layers.BatchNormalization(momentum=0.9, **options),
                layers.ReLU(**options),
            ]
        elif self.hidden:
            hidden = [layers.Dense(self.hidden, activation="relu", **options)]
        steps = [
            layers.Dropout(self.dropout, **options),
            layers.Dense(self.num_classes, dtype="float32", name="logits"),
        ]
        if self.pooling == "attention":
            return [*hidden, self.pool, *steps]
        return [self.pool, *hidden, *steps]

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "pooling": self.pooling,
            "hidden": self.hidden,
            "dropout": self.dropout,
        }
