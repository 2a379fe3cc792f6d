"""What the two heads with position-sensitive maps share."""

import keras
from keras import initializers, layers, ops

from mtvision.layers import PSRoIAlign, PSRoIPool
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.ops.shapes import require_rank
from mtvision.tasks.regions.columns import join


class PositionSensitiveHead(layers.Layer):
    """A 1x1 convolution to maps for each cell of a region, which vote.

    The cell in row i and column j of a region reads maps of its own, such as
    "the upper left of a cat"; a value of the region is the mean of those of
    its cells. There is no layer for each region, so that many cost little.

    Regions stay float32 whatever the precision of the layer.

    Args:
        num_values: Values of each region.
        spread: Standard deviation of the weights before training.
        bins: k, cells along each side of a region.
        level: The level of the map, which tells its stride.
        align: Whether cells are sampled at exact places, not rounded to
            whole pixels of the map.
    """

    def __init__(self, num_values, spread, *, bins, level, align, **kwargs):
        super().__init__(**{**kwargs, "autocast": False})
        require_count(bins, 1, "bins")
        self.bins = bins
        self.level = level
        self.align = align
        self.maps = layers.Conv2D(
            bins**2 * num_values,
            1,
            kernel_initializer=initializers.RandomNormal(stddev=spread),
            dtype="float32",
            name="maps",
        )
        pool = PSRoIAlign if align else PSRoIPool
        self.pool = pool(
            bins,
            spatial_scale=1 / level_stride(level),
            dtype="float32",
            name="pool",
        )
        self._num_values = num_values

    def build(self, features_shape, regions_shape):
        """Creates the weights."""
        shape = take_level(features_shape, self.level)
        require_rank(shape, 4, "features (B, H, W, D)")
        require_rank(regions_shape, 3, "regions (B, R, 4)")
        self.maps.build(shape)

    def call(self, features, regions):
        """Returns the rows of all regions."""
        maps = self.maps(take_level(features, self.level))
        votes = self.pool(maps, regions)
        return join(ops.mean(votes, axis=(2, 3)), regions)

    def compute_output_spec(self, features, regions):
        """Returns the shape and dtype of the rows."""
        shape = (*regions.shape[:2], self._num_values + 4)
        return keras.KerasTensor(shape, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "bins": self.bins,
            "level": self.level,
            "align": self.align,
        }
