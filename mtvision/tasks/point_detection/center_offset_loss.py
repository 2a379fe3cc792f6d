"""Loss of where centres lie in their cells."""

import keras

from mtvision.tasks.point_detection.places import box_centers, find_places
from mtvision.tasks.point_detection.point_values_loss import PointValuesLoss


@keras.saving.register_keras_serializable(package="mtvision")
class CenterOffsetLoss(PointValuesLoss):
    """Absolute errors of where centres lie in their cells.

    The errors in x and y are added up, and the sum over the objects is
    divided by their number, or by 1 if there is none, as in the paper. The
    authors' code divides by the number of values, two for each object: for
    the weight of a loss to mean the same as there, halve it. Crowds and
    difficult objects teach nothing.

    Truth is a dict of objects as for `CenterHeatMapLoss`. Predictions are
    the maps (B, h, w, 6) of `PointValuesHead(2)`, in cells.

    Args:
        beta: Where the squared error of small errors ends, in cells; 0 for
            the absolute error throughout, as in the paper.
        normalize_by: `"image"` divides by the objects of the image, `"batch"`
            by those of the batch.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> maps = mtv.tasks.PointValuesHead(2)(pyramid)
    >>> boxes, classes = np.array([[[4, 4, 12, 20]]]), np.array([[2]])
    >>> truth = {"boxes": boxes, "classes": classes}
    >>> tuple(CenterOffsetLoss(reduction=None)(truth, maps).shape)
    (1,)

    Reference:
        Zhou et al., Objects as Points, 2019.
    """

    def __init__(
        self,
        *,
        beta=0.0,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="center_offset_loss",
    ):
        super().__init__(
            beta=beta,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )

    def read_values(self, y_true, objects, cells):
        """Returns the offsets (B, M, 1, 2), their rows, and whose count."""
        centers = box_centers(objects.boxes)
        places = find_places(centers, objects.present, cells)
        values, rows, known = places.fractions, places.rows, places.found
        return values[:, :, None], rows[:, :, None], known[:, :, None]
