"""Spatial pyramid pooling of regions, as a layer."""

import keras
from keras import layers, ops

from mtvision.ops import region_checks as checks
from mtvision.ops.pyramid_pooling import check_levels, spatial_pyramid_pool


@keras.saving.register_keras_serializable(package="mtvision")
class SpatialPyramidPooling(layers.Layer):
    """Pools boxes by maxima, in bins of several sizes.

    See `mtvision.ops.pyramid_pooling.spatial_pyramid_pool`. All bins of a
    box lie side by side in one row, so that what reads the bins of `RoIPool`
    reads these: `RegionTower` for example.

    Args:
        levels: Bins along a side at each level.
        spatial_scale: Feature pixels for each image pixel: 1 / stride.

    Call:
        features: Map (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.

    Returns:
        Tensor (B, R, 1, N, C), where N is the sum of the squared levels.

    Raises:
        ValueError: If an option is out of range, or the shapes do not fit.

    Example:

    >>> features = keras.ops.ones((1, 16, 16, 3))
    >>> boxes = np.array([[[8.0, 8.0, 40.0, 24.0]]])
    >>> pool = SpatialPyramidPooling((1, 2, 3, 6), spatial_scale=1 / 4)
    >>> tuple(pool(features, boxes).shape)
    (1, 1, 1, 50, 3)

    Reference:
        He et al., Spatial Pyramid Pooling in Deep Convolutional Networks for
        Visual Recognition, 2014.
    """

    def __init__(self, levels=(1, 2, 3, 6), *, spatial_scale=1.0, **kwargs):
        super().__init__(**kwargs, autocast=False)
        checks.check_positive(self.name, "spatial_scale", spatial_scale)
        self.levels = check_levels(levels)
        self.spatial_scale = spatial_scale

    def call(self, features, boxes):
        """Returns the pooled boxes."""
        pooled = spatial_pyramid_pool(
            ops.cast(features, self.compute_dtype),
            boxes,
            self.levels,
            spatial_scale=self.spatial_scale,
        )
        return ops.expand_dims(pooled, 2)

    def compute_output_spec(self, features, boxes):
        """Returns the shape and dtype of the pooled boxes."""
        checks.check_regions(self.name, features, boxes)
        bins = sum(level**2 for level in self.levels)
        shape = (*boxes.shape[:2], 1, bins, features.shape[-1])
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "levels": self.levels,
            "spatial_scale": self.spatial_scale,
        }
