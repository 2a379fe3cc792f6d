"""Head that moves regions onto objects."""

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.regions.region_head import RegionHead


@keras.saving.register_keras_serializable(package="mtvision")
class RegionBoxesHead(RegionHead):
    """Says of each region where its object is, for each class it may have.

    Args:
        num_classes: C, or `None` for one box, whatever the class.

    Call:
        features: Tensor (B, R, D), as `RegionTower` gives it.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.

    Returns:
        Rows (B, R, 4 C + 4), float32, or (B, R, 4 + 4): deltas from the
        region to the box of each class, and the region.

    Raises:
        ValueError: If `num_classes` is not 1 or more.

    Example:

    >>> features, regions = keras.ops.ones((2, 5, 8)), np.ones((2, 5, 4))
    >>> tuple(RegionBoxesHead(20)(features, regions).shape)
    (2, 5, 84)

    Reference:
        Girshick, Fast R-CNN, 2015.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionBoxesLoss",)

    def __init__(self, num_classes=None, **kwargs):
        if num_classes is not None:
            require_count(num_classes, 1, "num_classes")
        super().__init__(4 * (num_classes or 1), 0.001, **kwargs)
        self.num_classes = num_classes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
