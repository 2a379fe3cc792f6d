"""Head that tells edges from other pixels."""

import keras

from mtvision.layers.pixel_head import PixelHead


@keras.saving.register_keras_serializable(package="mtvision")
class EdgesHead(PixelHead):
    """Logit of each pixel for lying on an edge.

    The map of `SegmentationHead` with one logit a pixel.

    Args:
        filters: Channels of the summed map; `None` takes the only map of the
            features as it is, say that of `mtvision.necks.ExpandingPath`.
        depth: Number of convolutions after the sum.

    Call:
        features: Dict of maps `{"P2": (B, H / 4, W / 4, D), ...}`. Thin lines
            need a fine level, such as `"P1"`.
        image: `None`, or a tensor (B, H, W, ...) whose size the logits take,
            see `SegmentationHead`.

    Returns:
        Logits (B, H, W, 1), float32.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> tuple(EdgesHead(filters=8)(pyramid).shape)
    (1, 32, 32, 1)
    """

    loss_names = (
        "EdgesLoss",
        "SegmentationLoss",
        "CategoricalFocal",
        "BinaryFocal",
        "Dice",
        "GeneralizedDice",
        "Tversky",
        "WeightedSum",
    )

    def __init__(self, *, filters=64, depth=1, **kwargs):
        super().__init__(1, filters=filters, depth=depth, **kwargs)
