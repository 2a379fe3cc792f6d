"""Head that gives every pixel a class."""

import keras

from mtvision.layers.pixel_head import PixelHead
from mtvision.ops.option_checks import require_count


@keras.saving.register_keras_serializable(package="mtvision")
class SegmentationHead(PixelHead):
    """Logits of the classes of each pixel.

    Each level is brought to `filters` channels by a convolution, resized to
    the finest level and summed; then `depth` times convolution, batch
    normalisation and ReLU; then the logits, resized bilinearly. The semantic
    branch of Panoptic FPN, simplified: each level is upsampled in one step
    rather than by a chain of convolutions, and batch normalisation takes the
    place of group normalisation.

    Args:
        num_classes: C. With 1, the logit speaks of class 1 against class 0.
        filters: Channels of the summed map; `None` takes the only map of the
            features as it is, say that of `mtvision.necks.ExpandingPath`.
        depth: Number of convolutions after the sum.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`.
        image: `None`, or a tensor (B, H, W, ...) whose size the logits
            take. Without it the size is that of the finest level times its
            stride, which is larger than the image where the image's size is
            no multiple of the stride.

    Returns:
        Logits (B, H, W, C), float32.

    Example:

    >>> ones = keras.ops.ones
    >>> pyramid = {"P2": ones((1, 8, 8, 4)), "P3": ones((1, 4, 4, 6))}
    >>> head = SegmentationHead(3, filters=8)
    >>> tuple(head(pyramid).shape)
    (1, 32, 32, 3)
    >>> tuple(head(pyramid, ones((1, 31, 30, 3))).shape)
    (1, 31, 30, 3)

    Reference:
        Kirillov et al., Panoptic Feature Pyramid Networks, 2019.
    """

    loss_names = (
        "SegmentationLoss",
        "CategoricalFocal",
        "BinaryFocal",
        "Dice",
        "GeneralizedDice",
        "Tversky",
        "WeightedSum",
    )

    def __init__(self, num_classes, *, filters=64, depth=1, **kwargs):
        require_count(num_classes, 1, "num_classes")
        super().__init__(num_classes, filters=filters, depth=depth, **kwargs)
        self.num_classes = num_classes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
