"""Head that moves regions by maps for each cell of a region."""

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.regions.position_sensitive_head import (
    PositionSensitiveHead,
)


@keras.saving.register_keras_serializable(package="mtvision")
class PositionSensitiveBoxesHead(PositionSensitiveHead):
    """Says of each region where its object is, without layers of its own.

    Each delta is the mean of the votes of the cells of the region, as in
    `PositionSensitiveClassesHead`. `RegionBoxesLoss` and `DecodeRegions`
    read it.

    Args:
        num_classes: C, or `None` for one box whatever the class, as in the
            paper.
        bins: k, cells along each side of a region, 4 k k maps a box.
        level: The level of the map that is read.
        align: Whether cells are sampled at exact places, not rounded to
            whole pixels of the map as in the paper: for small objects.

    Call:
        features: Map (B, H, W, D), or a dict of maps by level.
        regions: Tensor (B, R, 4), xyxy in pixels, zeros in padding.

    Returns:
        Rows (B, R, 4 C + 4), or (B, R, 4 + 4), float32: deltas from the
        region to the box of each class, and the region.

    Raises:
        ValueError: If an option is out of range, or the shapes do not fit.

    Example:

    >>> features = {"P4": keras.ops.ones((2, 4, 4, 8))}
    >>> regions = np.array([[[0.0, 0, 64, 64]]] * 2)
    >>> tuple(PositionSensitiveBoxesHead(bins=3)(features, regions).shape)
    (2, 1, 8)

    Reference:
        Dai et al., R-FCN, 2016; `align`: Li et al., Light-Head R-CNN, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("RegionBoxesLoss",)

    def __init__(
        self, num_classes=None, *, bins=7, level="P4", align=False, **kwargs
    ):
        if num_classes is not None:
            require_count(num_classes, 1, "num_classes")
        number = 4 * (num_classes or 1)
        super().__init__(
            number, 0.001, bins=bins, level=level, align=align, **kwargs
        )
        self.num_classes = num_classes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
