"""What the two heads of regions share."""

from keras import initializers, layers

from mtvision.ops.shapes import require_rank
from mtvision.tasks.regions.columns import join


class RegionHead(layers.Layer):
    """A dense layer on the features of each region.

    Regions stay float32 whatever the precision of the layer.

    Args:
        num_values: Values of each region.
        spread: Standard deviation of the weights before training.
    """

    def __init__(self, num_values, spread, **kwargs):
        super().__init__(**{**kwargs, "autocast": False})
        self.dense = layers.Dense(
            num_values,
            kernel_initializer=initializers.RandomNormal(stddev=spread),
            dtype="float32",
            name="dense",
        )

    def build(self, features_shape, regions_shape):
        """Creates the weights."""
        require_rank(features_shape, 3, "features (B, R, D)")
        require_rank(regions_shape, 3, "regions (B, R, 4)")
        self.dense.build(features_shape)

    def call(self, features, regions):
        """Returns the rows of all regions."""
        return join(self.dense(features), regions)
