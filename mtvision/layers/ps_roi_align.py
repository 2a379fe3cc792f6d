"""Position-sensitive RoIAlign as a layer."""

import math

import keras

from mtvision import ops
from mtvision.layers.region_layer import RegionLayer
from mtvision.ops import region_checks as checks


@keras.saving.register_keras_serializable(package="mtvision")
class PSRoIAlign(RegionLayer):
    """Samples boxes, each bin from channels of its own.

    See `mtvision.ops.ps_roi_align`.

    Args:
        output_size: Bins, a number or (height, width).
        spatial_scale: Feature pixels for each image pixel: 1 / stride.
        sampling_ratio: Samples along each side of a bin; 0 for adaptive.

    Call:
        features: Map (B, H, W, C h w).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.

    Returns:
        Tensor (B, R, h, w, C).

    Example:

    >>> features = keras.ops.ones((1, 16, 16, 18))
    >>> boxes = np.array([[[8.0, 8.0, 40.0, 24.0]]])
    >>> tuple(PSRoIAlign(3, spatial_scale=1 / 4)(features, boxes).shape)
    (1, 1, 3, 3, 2)

    Reference:
        Li et al., Light-Head R-CNN, 2017.
    """

    def __init__(
        self, output_size, *, spatial_scale=1.0, sampling_ratio=2, **kwargs
    ):
        super().__init__(output_size, **kwargs)
        checks.check_sampling_ratio(self.kind, sampling_ratio)
        checks.check_positive(self.kind, "spatial_scale", spatial_scale)
        self.spatial_scale = spatial_scale
        self.sampling_ratio = sampling_ratio

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
        return ops.ps_roi_align(
            self.cast(features),
            boxes,
            self.output_size,
            spatial_scale=self.spatial_scale,
            sampling_ratio=self.sampling_ratio,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "spatial_scale": self.spatial_scale,
            "sampling_ratio": self.sampling_ratio,
        }
