"""What the losses of numbers at points share."""

import keras
from keras import ops

from mtvision.ops.detections import take_rows
from mtvision.ops.map_cells import split_cells
from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.option_checks import require_not_negative
from mtvision.ops.truth_objects import (
    average_over_objects,
    labelled_objects,
    read_objects,
    require_normalization,
)
from mtvision.tasks.point_detection.columns import num_values


class PointValuesLoss(keras.losses.Loss):
    """Errors of the numbers at points, divided by the number of objects.

    Subclasses say what the numbers should be: `num_points`, P, and
    `read_values(y_true, objects, cells)`, which returns for each point of
    each object the numbers (B, M, P, 2), its row in the flattened map
    (B, M, P), and whether it has any (B, M, P).

    Args:
        beta: Where the squared error of small errors ends, in cells; 0 for
            the absolute error throughout.
        normalize_by: `"image"` divides by the objects of the image, `"batch"`
            by those of the batch; never by less than 1.
        reduction: As for `keras.losses.Loss`.
        name: Likewise.
    """

    num_points = 1

    def __init__(
        self,
        *,
        beta=0.0,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_not_negative(beta, "beta")
        require_normalization(normalize_by)
        self.beta = beta
        self.normalize_by = normalize_by

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        self._require_maps(y_pred)
        maps, cells = split_cells(y_pred)
        objects = read_objects(y_true)
        truth, rows, known = self.read_values(y_true, objects, cells)
        flat = ops.reshape(maps, (ops.shape(maps)[0], -1, maps.shape[-1]))
        sums = 0.0
        for point in range(self.num_points):
            values = take_rows(flat, rows[:, :, point])
            values = values[..., 2 * point : 2 * point + 2]
            error = self._error(values - truth[:, :, point])
            # Not `[..., None]` in the same slice: TensorFlow's optimizer
            # then forgets the new axis of a slice of a stack.
            kept = ops.expand_dims(known[:, :, point], -1)
            error = ops.where(kept, error, 0.0)
            sums = sums + ops.sum(error, axis=(1, 2))
        known = ops.cast(ops.any(known, axis=-1), "float32")
        return average_over_objects(
            sums,
            ops.sum(known, axis=1),
            objects.labelled,
            by=self.normalize_by,
        )

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects."""
        self._require_maps(y_pred)
        check_objects(y_true)

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN where no object is."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "normalize_by": self.normalize_by,
        }

    def _require_maps(self, maps):
        if num_values(maps, self.num_points, self.name) != 2:
            raise ValueError(
                f"{self.name} expects maps of {2 * self.num_points} numbers, "
                f"PointValuesHead({2 * self.num_points}), received shape "
                f"{tuple(maps.shape)}."
            )

    def _error(self, difference):
        error = ops.abs(difference)
        if self.beta == 0:
            return error
        bend = ops.minimum(error, self.beta)
        return bend * (error - bend / 2) / self.beta
