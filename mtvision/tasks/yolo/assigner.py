"""Which anchor of which cell is to find each object."""

import keras
from keras import ops

from mtvision.ops.boxes import box_iou
from mtvision.ops.grid_cells import (
    centres_in_cells,
    covered_cells,
    first_owner,
    shape_iou,
)
from mtvision.ops.matching import BACKGROUND, IN_BETWEEN


@keras.saving.register_keras_serializable(package="mtvision")
class CellAnchorAssigner:
    """One anchor for each object: the best by shape, in the centre's cell.

    Of all anchors whose cell holds the centre of an object, on all levels,
    that one is matched whose shape, moved onto the object, has the highest
    IoU. Where two objects match the same anchor, the first in the truth has
    it, and the other is left out.

    Of the rest, what predicts a box that overlaps any object well enough is
    neither matched nor background. Nor is what lies in a crowd or a difficult
    object: its cell's centre, or that object's centre in its cell.

    Args:
        ignore_iou: From this IoU of the predicted box with an object on, an
            anchor is no background.

    Raises:
        ValueError: If `ignore_iou` is not above 0 and at most 1.

    Example:

    >>> CellAnchorAssigner(ignore_iou=0.5).get_config()
    {'ignore_iou': 0.5}

    Reference:
        Redmon and Farhadi, YOLO9000, 2017, and its authors' code, whose 0.6
        is the default.
    """

    def __init__(self, *, ignore_iou=0.6):
        if not 0 < ignore_iou <= 1:
            raise ValueError(
                "Expected ignore_iou above 0 and at most 1, received "
                f"ignore_iou={ignore_iou}."
            )
        self.ignore_iou = ignore_iou

    def __call__(self, objects, boxes, cells, sizes):
        """Matches anchors with objects.

        Args:
            objects: `Objects`, as `read_objects` gives them.
            boxes: Tensor (B, A, 4), predicted, xyxy in pixels; no gradient
                flows.
            cells: Tensor (B, A, 4), xyxy in pixels.
            sizes: Tensor (B, A, 2), anchors' widths and heights in pixels.

        Returns:
            Tensor (B, A), int32: the row of the object, -1 for background,
            -2 for neither.
        """
        owner = first_owner(self._claims(objects, cells, sizes))
        boxes = ops.stop_gradient(ops.convert_to_tensor(boxes))
        overlap = box_iou(boxes, objects.boxes)
        is_close = ops.max(overlap, axis=-1) >= self.ignore_iou
        covered = covered_cells(objects.boxes, objects.ignored, cells)
        spared = ops.logical_or(is_close, covered)
        other = ops.where(spared, IN_BETWEEN, BACKGROUND)
        return ops.where(owner >= 0, owner, other)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {"ignore_iou": self.ignore_iou}

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        return cls(**config)

    def _claims(self, objects, cells, sizes):
        """Bool (B, M, A): the one anchor that each object asks for."""
        true = objects.boxes[..., 2:] - objects.boxes[..., :2]
        fit = shape_iou(ops.expand_dims(true, 2), ops.expand_dims(sizes, 1))
        inside = centres_in_cells(objects.boxes, cells)
        best = ops.argmax(ops.where(inside, fit, -1.0), axis=-1)
        best = ops.expand_dims(ops.cast(best, "int32"), -1)
        number = ops.arange(ops.shape(cells)[1], dtype="int32")
        real = ops.logical_and(inside, ops.expand_dims(objects.present, -1))
        return ops.logical_and(best == number, real)
