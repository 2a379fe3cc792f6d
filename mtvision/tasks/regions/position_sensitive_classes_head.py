"""Head that classifies regions by maps for each cell of a region."""

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.regions.position_sensitive_head import (
    PositionSensitiveHead,
)


@keras.saving.register_keras_serializable(package="mtvision")
class PositionSensitiveClassesHead(PositionSensitiveHead):
    """Says of each region which object it shows, without layers of its own.

    The cell in row i and column j of a region reads score maps of its own,
    such as "the upper left of a cat"; the logit of a class is the mean of
    the votes of all cells. `RegionClassesLoss` and `DecodeRegions` read it.

    Args:
        num_classes: C; the background is one more.
        bins: k, cells along each side of a region, k k (C + 1) maps.
        level: The level of the map that is read.
        align: Whether cells are sampled at exact places, not rounded to
            whole pixels of the map as in the paper: for small objects.

    Call:
        features: Map (B, H, W, D), or a dict of maps by level.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.

    Returns:
        Rows (B, R, C + 1 + 4), float32: logits of the classes and of the
        background, and the region.

    Raises:
        ValueError: If an option is out of range, or the shapes do not fit.

    Example:

    >>> features = {"P4": keras.ops.ones((2, 4, 4, 8))}
    >>> regions = np.array([[[0.0, 0, 64, 64]]] * 2)
    >>> head = PositionSensitiveClassesHead(20, bins=3)
    >>> tuple(head(features, regions).shape)
    (2, 1, 25)

    Reference:
        Dai et al., R-FCN, 2016; `align`: Li et al., Light-Head R-CNN, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionClassesLoss",)

    def __init__(
        self, num_classes, *, bins=7, level="P4", align=False, **kwargs
    ):
        require_count(num_classes, 1, "num_classes")
        super().__init__(
            num_classes + 1, 0.01, bins=bins, level=level, align=align, **kwargs
        )
        self.num_classes = num_classes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
