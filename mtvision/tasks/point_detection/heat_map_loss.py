"""What the losses of heat maps share."""

import keras
from keras import ops

from mtvision.ops.heat_map_focal import heat_map_focal, require_powers
from mtvision.ops.heat_maps import (
    draw_gaussians,
    gaussian_radius,
    inside_boxes,
)
from mtvision.ops.map_cells import split_cells
from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.truth_objects import (
    average_over_objects,
    labelled_objects,
    read_objects,
    require_normalization,
)
from mtvision.tasks.point_detection.columns import num_values
from mtvision.tasks.point_detection.places import box_sizes, find_places


class HeatMapLoss(keras.losses.Loss):
    """Focal loss of heat maps, summed and divided by the number of objects.

    Subclasses say which points of an object are drawn: `num_points`, P, and
    `read_points(y_true, objects)`, which returns them (B, M, P, 2) in pixels
    with a bool tensor (B, M), whose they are known.

    Args:
        min_overlap: IoU that a box whose corners are moved by the radius of
            its peaks keeps.
        alpha: How much less a cell counts that is nearly right.
        beta: How much less a cell counts that is near a point.
        normalize_by: `"image"` divides by the objects of the image, `"batch"`
            by those of the batch; never by less than 1.
        reduction: As for `keras.losses.Loss`.
        name: Likewise.
    """

    num_points = 1

    def __init__(
        self,
        *,
        min_overlap=0.7,
        alpha=2.0,
        beta=4.0,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_powers(alpha, beta)
        require_normalization(normalize_by)
        gaussian_radius([1.0, 1.0], min_overlap=min_overlap)
        self.min_overlap = min_overlap
        self.alpha = alpha
        self.beta = beta
        self.normalize_by = normalize_by

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        num_classes = num_values(y_pred, self.num_points, self.name)
        logits, cells = split_cells(y_pred)
        objects = read_objects(y_true, num_classes)
        points, known = self.read_points(y_true, objects)
        heat = self._draw(points, known, objects, cells, num_classes)
        values = heat_map_focal(heat, logits, alpha=self.alpha, beta=self.beta)
        # Of an object whose points are not known, as of a crowd, no cell is
        # a negative.
        lost = ops.logical_and(objects.present, ops.logical_not(known))
        unsure = ops.logical_or(objects.ignored, lost)
        taught = ops.logical_not(inside_boxes(objects.boxes, unsure, cells))
        taught = taught[..., None]
        if objects.annotated is not None:
            annotated = ops.tile(objects.annotated, (1, self.num_points))
            taught = ops.logical_and(taught, annotated[:, None, None])
        taught = ops.logical_or(taught, heat >= 1)
        sums = ops.sum(ops.where(taught, values, 0.0), axis=(1, 2, 3))
        counts = ops.sum(ops.cast(known, "float32"), axis=1)
        return average_over_objects(
            sums, counts, objects.labelled, by=self.normalize_by
        )

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects for such predictions."""
        check_objects(y_true, num_values(y_pred, self.num_points, self.name))

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN where no object is."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "min_overlap": self.min_overlap,
            "alpha": self.alpha,
            "beta": self.beta,
            "normalize_by": self.normalize_by,
        }

    def _draw(self, points, known, objects, cells, num_classes):
        """The heat maps of the truth, (B, h, w, P * C)."""
        size = ops.shape(cells)[1:3]
        sizes = box_sizes(objects.boxes, cells)
        radii = gaussian_radius(sizes, min_overlap=self.min_overlap)
        maps = []
        for point in range(self.num_points):
            places = find_places(points[:, :, point], known, cells)
            maps.append(
                draw_gaussians(
                    places.cells,
                    ops.floor(radii),
                    objects.classes,
                    places.found,
                    size,
                    num_classes,
                )
            )
        return ops.concatenate(maps, axis=-1)
