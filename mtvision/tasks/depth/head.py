"""Head that gives every pixel a depth."""

import keras
from keras import ops

from mtvision.layers.pixel_head import PixelHead
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class DepthHead(PixelHead):
    """Depth of each pixel, always positive.

    The map of `SegmentationHead` with one number a pixel; its softplus,
    log(1 + exp(x)), plus `minimum` is the depth.

    Args:
        filters: Channels of the summed map; `None` takes the only map of the
            features as it is, say that of `mtvision.necks.ExpandingPath`.
        depth: Number of convolutions after the sum.
        minimum: The smallest depth, metres, so that logarithms of depths and
            their gradients are finite.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`.
        image: `None`, or a tensor (B, H, W, ...) whose size the depths take,
            see `SegmentationHead`.

    Returns:
        Depths (B, H, W, 1), float32, in metres if the truth is.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> depths = DepthHead(filters=8)(pyramid)
    >>> tuple(depths.shape), bool(keras.ops.all(depths > 0))
    ((1, 32, 32, 1), True)
    """

    loss_names = (
        "DepthL1Loss",
        "BerHuLoss",
        "ScaleInvariantDepthLoss",
        "SmoothL1",
        "WeightedSum",
    )

    def __init__(self, *, filters=64, depth=1, minimum=1e-3, **kwargs):
        super().__init__(1, filters=filters, depth=depth, **kwargs)
        require_above_zero(minimum, "minimum")
        self.minimum = minimum

    def call(self, features, image=None):
        """Returns the depth of each pixel."""
        return ops.softplus(super().call(features, image)) + self.minimum

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "minimum": self.minimum}
