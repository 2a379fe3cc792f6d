"""The dense layers that the heads of regions read."""

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_count, require_share


@keras.saving.register_keras_serializable(package="mtvision")
class RegionTower(layers.Layer):
    """Dense layers on what is pooled from each region.

    What follows are two heads, one an output: `RegionClassesHead` and
    `RegionBoxesHead`. So the graph of a model tells what the two share.

    Args:
        units: Outputs of each layer.
        depth: Number of layers.
        dropout: Share of each layer's outputs that is dropped in training.

    Call:
        pooled: Tensor (B, R, h, w, D), such as `MultilevelRoIAlign` gives.

    Returns:
        Tensor (B, R, units).

    Raises:
        ValueError: If an option is out of range, or h, w and D are not
            known.

    Example:

    >>> tuple(RegionTower(16)(keras.ops.ones((2, 5, 7, 7, 8))).shape)
    (2, 5, 16)

    Reference:
        Girshick, Fast R-CNN, 2015; without dropout: Lin et al., Feature
        Pyramid Networks for Object Detection, 2017.
    """

    def __init__(self, units=1024, *, depth=2, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        require_count(units, 1, "units")
        require_count(depth, 1, "depth")
        require_share(dropout, "dropout")
        self.units = units
        self.depth = depth
        self.dropout = dropout
        self.steps = [
            layers.Dense(
                units,
                activation="relu",
                kernel_initializer="he_normal",
                dtype=self.dtype_policy,
                name=f"step_{i}",
            )
            for i in range(depth)
        ]
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, pooled_shape):
        """Creates the weights."""
        columns = self._columns(pooled_shape)
        for step in self.steps:
            step.build((None, None, columns))
            columns = self.units

    def call(self, pooled, training=None):
        """Returns the features of each region."""
        batch, regions = ops.shape(pooled)[:2]
        columns = self._columns(pooled.shape)
        x = ops.reshape(pooled, (batch, regions, columns))
        for step in self.steps:
            x = self.drop(step(x), training=training)
        return x

    def compute_output_shape(self, pooled_shape):
        """Returns the shape of the features."""
        return (*pooled_shape[:2], self.units)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "units": self.units,
            "depth": self.depth,
            "dropout": self.dropout,
        }

    def _columns(self, shape):
        if len(shape) != 5 or None in shape[2:]:
            raise ValueError(
                f"{self.name} expects (B, R, h, w, D) as MultilevelRoIAlign "
                f"gives them, received shape {tuple(shape)}."
            )
        return shape[2] * shape[3] * shape[4]
