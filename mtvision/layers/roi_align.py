"""RoIAlign as a layer."""

import keras

from mtvision import ops
from mtvision.layers.region_layer import RegionLayer
from mtvision.ops import region_checks as checks


@keras.saving.register_keras_serializable(package="mtvision")
class RoIAlign(RegionLayer):
    """Pools boxes by bilinear samples; see `mtvision.ops.roi_align`.

    Args:
        output_size: Bins, a number or (height, width).
        spatial_scale: Feature pixels for each image pixel: 1 / stride.
        sampling_ratio: Samples along each side of a bin; 0 for adaptive.
        aligned: Whether pixel centres are at half-integers.

    Call:
        features: Map (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.

    Returns:
        Tensor (B, R, h, w, C).

    Example:

    >>> features = keras.ops.ones((1, 16, 16, 3))
    >>> boxes = np.array([[[8.0, 8.0, 40.0, 24.0]]])
    >>> tuple(RoIAlign(7, spatial_scale=1 / 4)(features, boxes).shape)
    (1, 1, 7, 7, 3)

    Reference:
        He et al., Mask R-CNN, 2017.
    """

    def __init__(
        self,
        output_size,
        *,
        spatial_scale=1.0,
        sampling_ratio=2,
        aligned=True,
        **kwargs,
    ):
        super().__init__(output_size, **kwargs)
        checks.check_sampling_ratio(self.kind, sampling_ratio)
        checks.check_positive(self.kind, "spatial_scale", spatial_scale)
        self.spatial_scale = spatial_scale
        self.sampling_ratio = sampling_ratio
        self.aligned = aligned

    def call(self, features, boxes):
        """Returns the pooled boxes."""
        return ops.roi_align(
            self.cast(features),
            boxes,
            self.output_size,
            spatial_scale=self.spatial_scale,
            sampling_ratio=self.sampling_ratio,
            aligned=self.aligned,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "spatial_scale": self.spatial_scale,
            "sampling_ratio": self.sampling_ratio,
            "aligned": self.aligned,
        }
