"""Head of heat maps of points."""

import math

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.point_detection.point_head import PointHead


@keras.saving.register_keras_serializable(package="mtvision")
class HeatMapHead(PointHead):
    """Says for each cell and class whether a point lies in it.

    Args:
        num_classes: C.
        points: P, kinds of points of each class: 1 for the centre, 4 for
            the extreme points.
        level: Which map of a pyramid is read; its stride is that of the
            heat maps.
        hidden: Channels of the map that they are read from.
        prior: Probability that every cell starts at, so that the many empty
            cells do not drown the first steps.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.

    Returns:
        Maps (B, h, w, P * C + 4), float32: logits, all classes of the first
        kind first, and the box of the cell in pixels.

    Raises:
        ValueError: If an option is out of range or the level is missing.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((2, 8, 8, 4))}
    >>> tuple(HeatMapHead(10)(pyramid).shape)
    (2, 8, 8, 14)

    Reference:
        Zhou et al., Objects as Points, 2019; the prior, Lin et al., Focal
        Loss for Dense Object Detection, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("CenterHeatMapLoss", "ExtremeHeatMapLoss")

    def __init__(
        self,
        num_classes,
        *,
        points=1,
        level="P2",
        hidden=64,
        prior=0.1,
        **kwargs,
    ):
        require_count(num_classes, 1, "num_classes")
        require_count(points, 1, "points")
        if not 0 < prior < 1:
            raise ValueError(
                f"Expected prior above 0 and below 1, received {prior!r}."
            )
        super().__init__(
            points * num_classes,
            level=level,
            hidden=hidden,
            bias=math.log(prior / (1 - prior)),
            **kwargs,
        )
        self.num_classes = num_classes
        self.points = points
        self.prior = prior

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "points": self.points,
            "prior": self.prior,
        }
