"""The loss of YOLO v1."""

import keras
from keras import ops

from mtvision.ops.boxes import aligned_box_iou
from mtvision.ops.detections import take_rows
from mtvision.ops.grid_cells import (
    background_is_known,
    centres_in_cells,
    covered_cells,
    first_owner,
)
from mtvision.ops.image_sizes import read_image_size
from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.option_checks import require_count, require_not_negative
from mtvision.ops.truth_objects import (
    average_over_objects,
    labelled_objects,
    read_objects,
    require_normalization,
)
from mtvision.tasks.yolo_v1.boxes import cells_of_image, to_pixels, to_shares
from mtvision.tasks.yolo_v1.checks import check_inside
from mtvision.tasks.yolo_v1.columns import count_classes, split

# Makes any overlap count for more than any distance.
_FAR = -1e3


@keras.saving.register_keras_serializable(package="mtvision")
class YOLOv1Loss(keras.losses.Loss):
    """The sum of squared errors of the paper, in five parts.

    An object belongs to the cell that its centre lies in, and there to one of
    the K boxes, the responsible one: that which overlaps it most; where none
    does, that whose numbers are nearest, as in the authors' code. No gradient
    flows through the choice. The parts are

    - `lambda_coord` times the errors of x and y, shares of the cell;
    - `lambda_coord` times those of the square roots of width and height,
      shares of the image. The network predicts the roots themselves, as the
      paper's text says, so that their gradients are finite everywhere;
    - `lambda_obj` times that of the responsible box's confidence;
    - `lambda_noobj` times the confidences of all other boxes, squared;
    - the errors of the classes in cells with an object.

    Of several objects in one cell the first in the truth counts, and the
    others teach nothing: choose a grid so fine that this is rare.

    Boxes that are crowds or difficult are no objects, and cells with their
    centre in one, or with its centre in them, teach no "no object". Nor do,
    in images where some classes are not annotated, cells that hold one of
    those for the most probable. Images without objects teach "no object".

    Args:
        image_size: Size in pixels of the images that the model is built for,
            which truth boxes refer to: one number or (H, W).
            `models.yolo_v1_losses` reads it from the model.
        boxes_per_cell: K, as in the head.
        lambda_coord: As above.
        lambda_obj: As above.
        lambda_noobj: As above.
        confidence_is_iou: Whether the confidence of the responsible box is
            taught its IoU, a constant for the gradient, or 1.
        normalize_by: `None` for the paper's sum over an image; `"image"` or
            `"batch"` divides by the number of its cells with objects, at
            least 1, or by the mean of that over the batch.

    Call arguments:
        y_true: Dict of `"boxes"` (B, M, 4), xyxy in pixels, `"classes"`
            (B, M), -1 for padding, and maybe `"crowd"`, `"difficult"`
            (B, M), `"annotated"` (B, C).
        y_pred: Grids (B, S, S, 5 K + C) of `YOLOv1Head`.

    Raises:
        ValueError: If an option is out of range or the shapes do not fit.

    Example:

    >>> truth = {"boxes": np.array([[[100.0, 100, 212, 324]]]),
    ...          "classes": np.array([[3]])}
    >>> loss = YOLOv1Loss(448)
    >>> round(float(loss(truth, np.zeros((1, 7, 7, 30), "float32"))), 3)
    6.195

    Reference:
        Redmon et al., You Only Look Once, 2016.
    """

    def __init__(
        self,
        image_size,
        *,
        boxes_per_cell=2,
        lambda_coord=5.0,
        lambda_obj=1.0,
        lambda_noobj=0.5,
        confidence_is_iou=True,
        normalize_by=None,
        reduction="sum_over_batch_size",
        name="yolo_v1_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_count(boxes_per_cell, 1, "boxes_per_cell")
        require_not_negative(lambda_coord, "lambda_coord")
        require_not_negative(lambda_obj, "lambda_obj")
        require_not_negative(lambda_noobj, "lambda_noobj")
        if normalize_by is not None:
            require_normalization(normalize_by)
        self.image_size = read_image_size(image_size)
        self.boxes_per_cell = boxes_per_cell
        self.lambda_coord = lambda_coord
        self.lambda_obj = lambda_obj
        self.lambda_noobj = lambda_noobj
        self.confidence_is_iou = confidence_is_iou
        self.normalize_by = normalize_by

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        grid = split(ops.cast(y_pred, "float32"), self.boxes_per_cell)
        cells = cells_of_image(self.image_size, y_pred.shape[1])
        objects = read_objects(y_true, grid.num_classes)
        claims = centres_in_cells(objects.boxes, cells)
        present = ops.expand_dims(objects.present, -1)
        owner = first_owner(ops.logical_and(claims, present))
        covered = covered_cells(objects.boxes, objects.ignored, cells)
        known = background_is_known(grid.classes, objects.annotated)
        teaches = ops.logical_and(known, ops.logical_not(covered))
        values = self._cell_values(grid, cells, objects, owner, teaches)
        sums = ops.sum(values, axis=1)
        if self.normalize_by is None:
            return sums
        counts = ops.sum(ops.cast(owner >= 0, "float32"), axis=1)
        return average_over_objects(
            sums, counts, objects.labelled, by=self.normalize_by
        )

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth makes sense for such predictions."""
        num_classes = count_classes(y_pred, self.boxes_per_cell)
        check_objects(y_true, num_classes)
        check_inside(object_boxes(y_true), self.image_size)

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN where there is none."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "image_size": self.image_size,
            "boxes_per_cell": self.boxes_per_cell,
            "lambda_coord": self.lambda_coord,
            "lambda_obj": self.lambda_obj,
            "lambda_noobj": self.lambda_noobj,
            "confidence_is_iou": self.confidence_is_iou,
            "normalize_by": self.normalize_by,
        }

    def _cell_values(self, grid, cells, objects, owner, teaches):
        """The weighted errors of each cell, (B, N)."""
        rows = ops.maximum(owner, 0)
        has_object = ops.cast(owner >= 0, "float32")
        true = take_rows(objects.boxes, rows)
        errors, iou = self._box_errors(grid, cells, true)
        responsible = _most(ops.where(iou > 0, iou, _FAR * errors - 1.0))
        responsible *= ops.expand_dims(has_object, -1)
        target = iou if self.confidence_is_iou else ops.ones_like(iou)
        sure = ops.square(ops.stop_gradient(target) - grid.confidences)
        quiet = ops.square(grid.confidences) * (1 - responsible)
        quiet = ops.where(ops.expand_dims(teaches, -1), quiet, 0.0)
        boxes = self.lambda_coord * errors + self.lambda_obj * sure
        values = responsible * boxes + self.lambda_noobj * quiet
        classes = ops.take_along_axis(objects.classes, rows, axis=1)
        classes = ops.one_hot(classes, grid.num_classes, dtype="float32")
        classes = ops.sum(ops.square(classes - grid.classes), axis=-1)
        return ops.sum(values, axis=-1) + has_object * classes

    def _box_errors(self, grid, cells, true):
        """Squared errors, and the IoU, of each cell's boxes: (B, N, K)."""
        centres, roots = to_shares(true, cells, self.image_size)
        errors = _squared(centres, grid.centres) + _squared(roots, grid.roots)
        boxes = to_pixels(grid.centres, grid.roots, cells, self.image_size)
        return errors, aligned_box_iou(ops.expand_dims(true, 2), boxes)


def _squared(true, predicted):
    """Sums over the last axis: (B, N, 2) and (B, N, K, 2) to (B, N, K)."""
    return ops.sum(ops.square(ops.expand_dims(true, 2) - predicted), axis=-1)


def _most(scores):
    """1 for the largest in the last axis, the first of equals, else 0."""
    best = ops.argmax(ops.stop_gradient(scores), axis=-1)
    return ops.one_hot(best, scores.shape[-1], dtype="float32")
