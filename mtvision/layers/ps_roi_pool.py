"""Position-sensitive RoIPool as a layer."""

import math

import keras

from mtvision import ops
from mtvision.layers.region_layer import RegionLayer
from mtvision.ops import region_checks as checks


@keras.saving.register_keras_serializable(package="mtvision")
class PSRoIPool(RegionLayer):
    """Averages boxes, each bin from channels of its own.

    See `mtvision.ops.ps_roi_pool`.

    Args:
        output_size: Bins, a number or (height, width).
        spatial_scale: Feature pixels for each image pixel: 1 / stride.

    Call:
        features: Map (B, H, W, C h w).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.

    Returns:
        Tensor (B, R, h, w, C).

    Example:

    >>> features = keras.ops.ones((1, 16, 16, 18))
    >>> boxes = np.array([[[8.0, 8.0, 40.0, 24.0]]])
    >>> tuple(PSRoIPool(3, spatial_scale=1 / 4)(features, boxes).shape)
    (1, 1, 3, 3, 2)

    Reference:
        Dai et al., R-FCN, 2016.
    """

    def __init__(self, output_size, *, spatial_scale=1.0, **kwargs):
        super().__init__(output_size, **kwargs)
        checks.check_positive(self.kind, "spatial_scale", spatial_scale)
        self.spatial_scale = spatial_scale

    def check(self, features, boxes):
        """Raises unless each bin has a group of channels."""
        checks.check_position_sensitive(
            self.kind, features, boxes, self.output_size
        )

    def output_channels(self, features_shape):
        """Channels of the pooled boxes."""
        return features_shape[-1] // math.prod(self.output_size)

    def call(self, features, boxes):
        """Returns the pooled boxes."""
        return ops.ps_roi_pool(
            self.cast(features),
            boxes,
            self.output_size,
            spatial_scale=self.spatial_scale,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "spatial_scale": self.spatial_scale,
        }
