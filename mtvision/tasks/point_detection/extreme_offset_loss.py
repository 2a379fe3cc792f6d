"""Loss of where extreme points lie in their cells."""

import keras
from keras import ops

from mtvision.ops.object_field_checks import check_mask_size
from mtvision.tasks.point_detection.extreme_truth import (
    check_extreme_points,
    read_extreme_points,
)
from mtvision.tasks.point_detection.places import find_places
from mtvision.tasks.point_detection.point_values_loss import PointValuesLoss


@keras.saving.register_keras_serializable(package="mtvision")
class ExtremeOffsetLoss(PointValuesLoss):
    """Errors of where extreme points lie in their cells.

    The errors of the four points in x and y are added up, and the sum over
    the objects is divided by their number, or by 1 if there is none. The
    classes share the offsets.

    Truth is as for `ExtremeHeatMapLoss`. Predictions are the maps
    (B, h, w, 8 + 4) of `PointValuesHead(8)`, in cells: x and y of top, left,
    bottom and right.

    Args:
        beta: Where the squared error of small errors ends, in cells; 0 for
            the absolute error throughout.
        normalize_by: `"image"` divides by the objects of the image, `"batch"`
            by those of the batch.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> maps = mtv.tasks.PointValuesHead(8)(pyramid)
    >>> truth = {
    ...     "boxes": np.array([[[4, 4, 12, 20]]]),
    ...     "classes": np.array([[2]]),
    ...     "extreme_points": np.array([[[[8, 4], [4, 9], [7, 20], [12, 5]]]]),
    ... }
    >>> tuple(ExtremeOffsetLoss(reduction=None)(truth, maps).shape)
    (1,)

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019; the smooth error, Law and Deng, CornerNet, 2018.
    """

    num_points = 4

    def __init__(
        self,
        *,
        beta=1.0,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="extreme_offset_loss",
    ):
        super().__init__(
            beta=beta,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )

    def read_values(self, y_true, objects, cells):
        """Returns the offsets (B, M, 4, 2), their rows, and whose count."""
        points, known = read_extreme_points(y_true, objects)
        places = [
            find_places(points[:, :, k], known, cells)
            for k in range(self.num_points)
        ]
        return tuple(
            ops.stack([getattr(place, field) for place in places], axis=2)
            for field in ("fractions", "rows", "found")
        )

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects with their points."""
        super().check_truth(y_true, y_pred)
        check_extreme_points(y_true)

    def check_image_size(self, y_true, image_size):
        """Raises unless the masks of a numpy truth are of that size."""
        check_mask_size(y_true, image_size)
