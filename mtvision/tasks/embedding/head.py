"""Head that gives each image a vector."""

import keras
from keras import layers

from mtvision.layers import GlobalMaxPooling2D, UnitLength
from mtvision.layers.pooled_head import PooledHead
from mtvision.ops.option_checks import (
    require_count,
    require_flag,
    require_share,
)

POOLINGS = ("average", "max", "flatten")


@keras.saving.register_keras_serializable(package="mtvision")
class EmbeddingHead(PooledHead):
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
        super().__init__(level=level, **kwargs)
        require_count(size, 1, "size")
        require_share(dropout, "dropout")
        require_flag(normalize, "normalize")
        if pooling not in POOLINGS:
            raise ValueError(
                f"Expected pooling to be one of {POOLINGS}, received "
                f"{pooling!r}."
            )
        self.size = size
        self.pooling = pooling
        self.dropout = dropout
        self.normalize = normalize
        options = {"dtype": self.dtype_policy}
        self.pool = {
            "average": layers.GlobalAveragePooling2D,
            "max": GlobalMaxPooling2D,
            "flatten": layers.Flatten,
        }[pooling](**options)
        self.steps = [
            self.pool,
            layers.Dropout(dropout, **options),
            layers.Dense(size, dtype="float32", name="dense"),
        ]
        if normalize:
            self.steps.append(UnitLength())

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "size": self.size,
            "pooling": self.pooling,
            "dropout": self.dropout,
            "normalize": self.normalize,
        }
