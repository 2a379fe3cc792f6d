"""Spatial pyramid pooling of whole maps, as a layer."""

import keras
from keras import layers, ops

from mtvision.ops.pyramid_pooling import (
    check_levels,
    spatial_pyramid_pool,
    whole_map,
)
from mtvision.ops.shapes import require_channels_last, require_rank


@keras.saving.register_keras_serializable(package="mtvision")
class SpatialPyramidPooling2D(layers.Layer):
    """Makes a vector of one length of a map of any size.

    The maxima of the map in bins of several sizes: unlike the one maximum of
    `GlobalMaxPooling2D`, they also tell where in the image something is.

    Args:
        levels: Bins along a side at each level.

    Call:
        features: Map (B, H, W, C).

    Returns:
        Tensor (B, N C), where N is the sum of the squared levels.

    Raises:
        ValueError: If levels are no such numbers.

    Example:

    >>> pool = SpatialPyramidPooling2D((1, 2))
    >>> tuple(pool(keras.ops.ones((2, 7, 9, 3))).shape)
    (2, 15)
    >>> tuple(pool(keras.ops.ones((2, 4, 4, 3))).shape)
    (2, 15)

    Reference:
        He et al., Spatial Pyramid Pooling in Deep Convolutional Networks for
        Visual Recognition, 2014.
    """

    def __init__(self, levels=(1, 2, 3, 6), **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        self.levels = check_levels(levels)

    def call(self, features):
        """Returns the vectors."""
        box = whole_map(features)
        pooled = spatial_pyramid_pool(features, box, self.levels)
        return ops.reshape(pooled, (-1, pooled.shape[2] * pooled.shape[3]))

    def compute_output_spec(self, features):
        """Returns the shape and dtype of the vectors."""
        require_rank(features.shape, 4, f"{self.name}: features (B, H, W, C)")
        bins = sum(level**2 for level in self.levels)
        channels = features.shape[-1]
        shape = (features.shape[0], channels and bins * channels)
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "levels": self.levels}
