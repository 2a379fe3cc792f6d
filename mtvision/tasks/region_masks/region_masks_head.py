"""Head that draws the masks of regions."""

import keras
from keras import initializers, layers

from mtvision.layers.region_maps_layer import RegionMapsLayer
from mtvision.ops.option_checks import require_count
from mtvision.tasks.region_masks.columns import join


@keras.saving.register_keras_serializable(package="mtvision")
class RegionMasksHead(RegionMapsLayer):
    """Draws the mask of each region, for each class it may have.

    Convolutions, one that doubles the size, and a logit for each class and
    pixel. At inference it is best called on the final boxes, pooled anew.

    Args:
        num_classes: C, or 1 for one mask whatever the class.
        filters: Channels of the convolutions.
        depth: Number of 3x3 convolutions.

    Call:
        pooled: Tensor (B, R, h, h, D), as `MultilevelRoIAlign(14)` gives it.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.

    Returns:
        Rows (B, R, S + 1, S, C), float32, with S = 2 h: logits, and behind
        them the region in the first four numbers of a row of its own (of two
        or four, where S * C is below 4).

    Raises:
        ValueError: If an option is out of range, or R, h or D is not known.

    Example:

    >>> pooled, regions = keras.ops.ones((2, 5, 14, 14, 8)), np.ones((2, 5, 4))
    >>> tuple(RegionMasksHead(3, filters=8, depth=1)(pooled, regions).shape)
    (2, 5, 29, 28, 3)

    Reference:
        He et al., Mask R-CNN, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionMasksLoss",)

    def __init__(self, num_classes, *, filters=256, depth=4, **kwargs):
        require_count(num_classes, 1, "num_classes")
        super().__init__(filters=filters, depth=depth, **kwargs)
        self.num_classes = num_classes
        self.last_steps = [
            layers.Conv2DTranspose(
                filters,
                2,
                strides=2,
                activation="relu",
                kernel_initializer="he_normal",
                dtype=self.dtype_policy,
                name="enlarge",
            ),
            layers.Conv2D(
                num_classes,
                1,
                kernel_initializer=initializers.RandomNormal(stddev=0.001),
                dtype="float32",
                name="logits",
            ),
        ]

    def call(self, pooled, regions):
        """Returns the rows of all regions."""
        return join(self.climb(pooled), regions)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
