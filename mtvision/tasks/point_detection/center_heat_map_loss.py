"""Loss of the heat maps of centres."""

import keras

from mtvision.tasks.point_detection.heat_map_loss import HeatMapLoss
from mtvision.tasks.point_detection.places import box_centers


@keras.saving.register_keras_serializable(package="mtvision")
class CenterHeatMapLoss(HeatMapLoss):
    """Focal loss of heat maps whose peaks are the centres of boxes.

    Cells near a centre count less as negatives, by the height of a Gaussian
    whose radius follows from the size of the box (`ops.gaussian_radius`).
    The sum over all cells and classes is divided by the number of objects,
    or by 1 if there is none: an image without objects teaches negatives.
    No cell inside a crowd or a difficult object is a negative, and none of a
    class that is not annotated.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels, and
    `"classes"` (B, M), -1 in padding; `"crowd"`, `"difficult"` (B, M) and
    `"annotated"` (B, C) may be there. Predictions are the maps
    (B, h, w, C + 4) of `HeatMapHead`.

    Args:
        min_overlap: IoU that a box whose corners are moved by the radius of
            its peak keeps.
        alpha: How much less a cell counts that is nearly right.
        beta: How much less a cell counts that is near a centre.
        normalize_by: `"image"` divides by the objects of the image, `"batch"`
            by those of the batch.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> maps = mtv.tasks.HeatMapHead(3)({"P2": keras.ops.ones((1, 8, 8, 4))})
    >>> boxes, classes = np.array([[[4, 4, 12, 20]]]), np.array([[2]])
    >>> truth = {"boxes": boxes, "classes": classes}
    >>> tuple(CenterHeatMapLoss(reduction=None)(truth, maps).shape)
    (1,)

    Reference:
        Zhou et al., Objects as Points, 2019.
    """

    def __init__(
        self,
        *,
        min_overlap=0.7,
        alpha=2.0,
        beta=4.0,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="center_heat_map_loss",
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
        """Returns the centres (B, M, 1, 2), and whose are known."""
        return box_centers(objects.boxes)[:, :, None], objects.present
