"""Head that gives each image a vector."""

import keras
from keras import layers

from mtvision.layers import GlobalMaxPooling2D
from mtvision.ops.option_checks import (
    require_count,
    require_flag,
    require_share,
)
from mtvision.ops.pyramids import take_level
from mtvision.ops.shapes import require_channels_last

POOLINGS = ("average", "max", "flatten")


@keras.saving.register_keras_serializable(package="mtvision")
class EmbeddingHead(layers.Layer):
    """Pooling and a dense layer, whose result may be brought to length 1.

    Args:
        size: D, numbers of an embedding.
        level: Which map of a pyramid is pooled.
        pooling: `"average"`, `"max"`, or `"flatten"` for a dense layer that
            knows places, as for faces that are aligned.
        dropout: Share of the pooled features dropped in training.
        normalize: Whether embeddings have the length 1, so that squared
            distances lie between 0 and 4.

    Call:
        features: Dict of maps (B, H, W, C), a single one, or vectors (B, C).

    Returns:
        Embeddings (B, D), float32.

    Raises:
        ValueError: If an option is out of range, the level is not there, or
            maps of unknown size should be flattened.

    Example:

    >>> head = EmbeddingHead(16)
    >>> embeddings = head(keras.ops.ones((2, 3, 3, 8)))
    >>> square = keras.ops.sum(embeddings[0] ** 2)
    >>> tuple(embeddings.shape), round(float(square), 3)
    ((2, 16), 1.0)

    Reference:
        Schroff et al., FaceNet, 2015.
    """

    def __init__(
        self,
        size=128,
        *,
        level="P5",
        pooling="average",
        dropout=0.0,
        normalize=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(size, 1, "size")
        require_share(dropout, "dropout")
        require_flag(normalize, "normalize")
        if pooling not in POOLINGS:
            raise ValueError(
                f"Expected pooling to be one of {POOLINGS}, received "
                f"{pooling!r}."
            )
        self.size = size
        self.level = level
        self.pooling = pooling
        self.dropout = dropout
        self.normalize = normalize
        options = {"dtype": self.dtype_policy}
        self.pool = {
            "average": layers.GlobalAveragePooling2D,
            "max": GlobalMaxPooling2D,
            "flatten": layers.Flatten,
        }[pooling](**options)
        self.drop = layers.Dropout(dropout, **options)
        self.dense = layers.Dense(size, dtype="float32", name="dense")
        self.unit = layers.UnitNormalization(dtype="float32")

    def build(self, features_shape):
        """Creates the weights."""
        shape = take_level(features_shape, self.level)
        if len(shape) == 4:
            self._require_size(shape)
            shape = self.pool.compute_output_shape(shape)
        self.dense.build(shape)

    def call(self, features):
        """Returns the embeddings."""
        x = take_level(features, self.level)
        if len(x.shape) == 4:
            x = self.pool(x)
        x = self.dense(self.drop(x))
        return self.unit(x) if self.normalize else x

    def _require_size(self, shape):
        if self.pooling == "flatten" and None in shape[1:]:
            raise ValueError(
                f"{self.name!r} with pooling='flatten' needs maps of a known "
                f"size, received the shape {tuple(shape)}. Give the image's "
                "height and width, or choose another pooling."
            )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "size": self.size,
            "level": self.level,
            "pooling": self.pooling,
            "dropout": self.dropout,
            "normalize": self.normalize,
        }
