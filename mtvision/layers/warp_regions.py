"""Warping of regions, as a layer."""

import keras
import numpy as np

from mtvision.layers.region_layer import RegionLayer
from mtvision.ops import region_checks as checks
from mtvision.ops.option_checks import require_finite
from mtvision.ops.region_warping import (
    check_context,
    check_fill,
    warp_regions,
)

# Red, green and blue of ImageNet's mean.
IMAGENET_MEAN = (123.68, 116.78, 103.94)


@keras.saving.register_keras_serializable(package="mtvision")
class WarpRegions(RegionLayer):
    """Cuts out each region of an image, and stretches it to one size.

    See `mtvision.ops.region_warping.warp_regions`. It computes in float32,
    as values up to 255 have no room in half of the bits.

    Args:
        output_size: Pixels, a number or (height, width).
        context: Pixels of the picture at each side that are beyond the
            region; 16 of 227 in the paper.
        fill: Value outside of the image: one number, or one a channel.
        sampling_ratio: Samples along each side of a pixel of the picture.

    Call:
        images: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels.

    Returns:
        Pictures (B, R, h, w, C).

    Raises:
        ValueError: If an option is out of range, or the shapes do not fit.

    Example:

    >>> images, boxes = keras.ops.ones((1, 16, 16, 3)), np.ones((1, 5, 4))
    >>> tuple(WarpRegions(8)(images, boxes).shape)
    (1, 5, 8, 8, 3)

    Reference:
        Girshick et al., Rich Feature Hierarchies for Accurate Object
        Detection and Semantic Segmentation, 2014.
    """

    def __init__(
        self,
        output_size,
        *,
        context=0,
        fill=IMAGENET_MEAN,
        sampling_ratio=2,
        **kwargs,
    ):
        super().__init__(output_size, **{"dtype": "float32", **kwargs})
        check_context(self.kind, context, self.output_size)
        for value in np.ravel(fill):
            require_finite(float(value), "fill")
        checks.check_sampling_ratio(self.kind, sampling_ratio)
        self.context = context
        self.fill = tuple(fill) if isinstance(fill, list | tuple) else fill
        self.sampling_ratio = sampling_ratio

    def check(self, features, boxes):
        """Raises unless the inputs can be warped."""
        super().check(features, boxes)
        check_fill(self.name, self.fill, features.shape)

    def call(self, images, boxes):
        """Returns the pictures."""
        return warp_regions(
            self.cast(images),
            boxes,
            self.output_size,
            context=self.context,
            fill=self.fill,
            sampling_ratio=self.sampling_ratio,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "context": self.context,
            "fill": self.fill,
            "sampling_ratio": self.sampling_ratio,
        }
