"""Head of numbers that belong to points."""

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.point_detection.point_head import PointHead


@keras.saving.register_keras_serializable(package="mtvision")
class PointValuesHead(PointHead):
    """Gives each cell the numbers that belong to a point in it.

    Args:
        num_outputs: Numbers at each cell: 2 for the size of the box around
            a centre, 2 for the offset of each kind of point.
        level: Which map of a pyramid is read; take that of the heat maps.
        hidden: Channels of the map that the numbers are read from.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.

    Returns:
        Maps (B, h, w, V + 4), float32: the numbers, in cells, and the box
        of the cell in pixels.

    Raises:
        ValueError: If an option is out of range or the level is missing.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((2, 8, 8, 4))}
    >>> tuple(PointValuesHead(2)(pyramid).shape)
    (2, 8, 8, 6)

    Reference:
        Zhou et al., Objects as Points, 2019.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("CenterSizeLoss", "CenterOffsetLoss", "ExtremeOffsetLoss")

    def __init__(self, num_outputs, *, level="P2", hidden=64, **kwargs):
        require_count(num_outputs, 1, "num_outputs")
        super().__init__(num_outputs, level=level, hidden=hidden, **kwargs)
        self.num_outputs = num_outputs

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_outputs": self.num_outputs}
