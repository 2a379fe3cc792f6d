"""Head that classifies regions."""

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.regions.region_head import RegionHead


@keras.saving.register_keras_serializable(package="mtvision")
class RegionClassesHead(RegionHead):
    """Says of each region which object it shows, or that it shows none.

    Args:
        num_classes: C; the background is one more.

    Call:
        features: Tensor (B, R, D), as `RegionTower` gives it.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.

    Returns:
        Rows (B, R, C + 1 + 4), float32: logits of the classes and of the
        background, and the region.

    Raises:
        ValueError: If `num_classes` is not 1 or more.

    Example:

    >>> features, regions = keras.ops.ones((2, 5, 8)), np.ones((2, 5, 4))
    >>> tuple(RegionClassesHead(20)(features, regions).shape)
    (2, 5, 25)

    Reference:
        Girshick, Fast R-CNN, 2015.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionClassesLoss",)

    def __init__(self, num_classes, **kwargs):
        require_count(num_classes, 1, "num_classes")
        super().__init__(num_classes + 1, 0.01, **kwargs)
        self.num_classes = num_classes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
