"""Head that finds the key points of regions."""

import keras
from keras import initializers, layers

from mtvision.layers.region_maps_layer import RegionMapsLayer
from mtvision.ops.option_checks import require_count
from mtvision.ops.resizing import enlarge
from mtvision.tasks.region_keypoints.columns import join


@keras.saving.register_keras_serializable(package="mtvision")
class RegionKeypointsHead(RegionMapsLayer):
    """Says of each region where in it each key point is.

    Convolutions, one that doubles the size, and linear enlargement to the
    double of that.

    Args:
        num_keypoints: K.
        filters: Channels of the convolutions.
        depth: Number of 3x3 convolutions.

    Call:
        pooled: Tensor (B, R, h, h, D), as `MultilevelRoIAlign(14)` gives it.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.

    Returns:
        Rows (B, R, S + 1, S, K), float32, with S = 4 h: logits, of which a
        softmax over the S * S cells is taken for each key point, and behind
        them the region in the first four numbers of a row of its own.

    Raises:
        ValueError: If an option is out of range, or R, h or D is not known.

    Example:

    >>> pooled, regions = keras.ops.ones((2, 5, 4, 4, 8)), np.ones((2, 5, 4))
    >>> head = RegionKeypointsHead(3, filters=8, depth=1)
    >>> tuple(head(pooled, regions).shape)
    (2, 5, 17, 16, 3)

    Reference:
        He et al., Mask R-CNN, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionKeypointsLoss",)

    def __init__(self, num_keypoints, *, filters=512, depth=8, **kwargs):
        require_count(num_keypoints, 1, "num_keypoints")
        super().__init__(filters=filters, depth=depth, **kwargs)
        self.num_keypoints = num_keypoints
        self.last_steps = [
            layers.Conv2DTranspose(
                num_keypoints,
                4,
                strides=2,
                padding="same",
                kernel_initializer=initializers.RandomNormal(stddev=0.001),
                dtype="float32",
                name="logits",
            )
        ]

    def call(self, pooled, regions):
        """Returns the rows of all regions."""
        return join(enlarge(self.climb(pooled), 2), regions)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_keypoints": self.num_keypoints}
