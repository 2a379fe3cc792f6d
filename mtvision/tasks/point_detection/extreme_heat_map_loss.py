"""Loss of the heat maps of extreme points."""

import keras

from mtvision.ops.object_field_checks import check_mask_size
from mtvision.tasks.point_detection.extreme_truth import (
    check_extreme_points,
    read_extreme_points,
)
from mtvision.tasks.point_detection.heat_map_loss import HeatMapLoss


@keras.saving.register_keras_serializable(package="mtvision")
class ExtremeHeatMapLoss(HeatMapLoss):
    """Focal loss of heat maps of top, left, bottom and right points.

    It is the sum over the four, else as `CenterHeatMapLoss`. No cell inside
    an object whose mask is empty is a negative.

    Truth is a dict of objects as for that loss, with `"masks"` (B, M, H, W)
    in pixels of the image, or with `"extreme_points"` (B, M, 4, 2), x and y
    in pixels. Predictions are the maps (B, h, w, 4 C + 4) of
    `HeatMapHead(points=4)`.

    Args:
        min_overlap: IoU that a box whose corners are moved by the radius of
            its peaks keeps.
        alpha: How much less a cell counts that is nearly right.
        beta: How much less a cell counts that is near a point.
        normalize_by: `"image"` divides by the objects of the image, `"batch"`
            by those of the batch.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> maps = mtv.tasks.HeatMapHead(3, points=4)(pyramid)
    >>> truth = {
    ...     "boxes": np.array([[[4, 4, 12, 20]]]),
    ...     "classes": np.array([[2]]),
    ...     "extreme_points": np.array([[[[8, 4], [4, 9], [7, 20], [12, 5]]]]),
    ... }
    >>> tuple(ExtremeHeatMapLoss(reduction=None)(truth, maps).shape)
    (1,)

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019.
    """

    num_points = 4

    def __init__(
        self,
        *,
        min_overlap=0.7,
        alpha=2.0,
        beta=4.0,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="extreme_heat_map_loss",
    ):
        super().__init__(
            min_overlap=min_overlap,
            alpha=alpha,
            beta=beta,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )

    def read_points(self, y_true, objects):
        """Returns the points (B, M, 4, 2), and whose are known."""
        return read_extreme_points(y_true, objects)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects with their points."""
        super().check_truth(y_true, y_pred)
        check_extreme_points(y_true)

    def check_image_size(self, y_true, image_size):
        """Raises unless the masks of a numpy truth are of that size."""
        check_mask_size(y_true, image_size)
