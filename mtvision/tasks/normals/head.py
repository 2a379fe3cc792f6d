"""Head that gives every pixel the direction of its surface."""

import keras

from mtvision.layers.pixel_head import PixelHead
from mtvision.ops.angles import unit_vectors


@keras.saving.register_keras_serializable(package="mtvision")
class NormalsHead(PixelHead):
    """Surface normal of each pixel, a vector of length 1.

    The map of `SegmentationHead` with three numbers a pixel, divided by their
    length.

    Args:
        filters: Channels of the summed map; `None` takes the only map of the
            features as it is, say that of `mtvision.necks.ExpandingPath`.
        depth: Number of convolutions after the sum.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`.
        image: `None`, or a tensor (B, H, W, ...) whose size the normals take,
            see `SegmentationHead`.

    Returns:
        Normals (B, H, W, 3), float32, in the axes of the truth. Vectors that
        were shorter than 0.001 before the division have a length below 1.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> normals = NormalsHead(filters=8)(pyramid)
    >>> tuple(normals.shape)
    (1, 32, 32, 3)
    """

    loss_names = ("NormalsLoss", "SmoothL1", "WeightedSum")

    def __init__(self, *, filters=64, depth=1, **kwargs):
        super().__init__(3, filters=filters, depth=depth, **kwargs)

    def call(self, features, image=None):
        """Returns the normal of each pixel."""
        return unit_vectors(super().call(features, image))
