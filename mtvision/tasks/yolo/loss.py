"""The loss of YOLO with anchor boxes."""

import keras
from keras import ops

from mtvision.ops.boxes import aligned_box_iou
from mtvision.ops.detections import take_rows
from mtvision.ops.focal import binary_focal
from mtvision.ops.grid_cells import background_is_known
from mtvision.ops.matching import BACKGROUND
from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.option_checks import require_not_negative
from mtvision.ops.truth_objects import (
    average_over_objects,
    labelled_objects,
    read_objects,
    require_normalization,
)
from mtvision.tasks.yolo.assigner import CellAnchorAssigner
from mtvision.tasks.yolo.box_coding import decode, encode
from mtvision.tasks.yolo.columns import count_classes, split


@keras.saving.register_keras_serializable(package="mtvision")
class YOLOLoss(keras.losses.Loss):
    """Box, objectness and classes of anchors, over the number of objects.

    The sum over the anchors of an image, divided by the number of matched
    ones, at least 1, of

    - `lambda_coord` times the squared errors of the centre, in cells, and of
      the log of width and height over the anchor's, as in YOLOv2. Small boxes
      count more: times 2 minus the box's share of the image;
    - `lambda_obj` times the cross entropy of the objectness of matched
      anchors, `lambda_noobj` times that of background;
    - `lambda_class` times the cross entropies of the C classes, each for
      itself. Cross entropies, as in YOLOv3, learn faster than YOLOv2's
      squared errors, whose gradient vanishes for sure mistakes.

    In images where some classes are not annotated, anchors that hold one of
    those for the most probable class are no background. Images without
    objects teach background.

    Args:
        assigner: What matches anchors with objects; by default
            `CellAnchorAssigner()`.
        lambda_coord: As above.
        lambda_obj: As above.
        lambda_noobj: As above.
        lambda_class: As above.
        objectness_is_iou: Whether the objectness of a matched anchor is
            taught the IoU of its box, a constant for the gradient, as in
            YOLOv2, or 1, as in YOLOv3.
        normalize_by: `"image"` divides each image's sum by its own number of
            matched anchors, `"batch"` by the mean of that over the batch.

    Call arguments:
        y_true: Dict of `"boxes"` (B, M, 4), xyxy in pixels, `"classes"`
            (B, M), -1 for padding, and maybe `"crowd"`, `"difficult"`
            (B, M), `"annotated"` (B, C).
        y_pred: Tensor (B, A, 11 + C) of `YOLOHead`.

    Raises:
        ValueError: If an option is out of range or the shapes do not fit.

    Example:

    >>> head = mtv.tasks.YOLOHead(3, {"P5": [[40, 60]]}, hidden=4)
    >>> outputs = head(keras.ops.zeros((1, 2, 2, 8)))
    >>> truth = {"boxes": np.array([[[4.0, 2.0, 44.0, 62.0]]]),
    ...          "classes": np.array([[1]])}
    >>> round(float(YOLOLoss()(truth, outputs)), 3)
    8.924

    Reference:
        Redmon and Farhadi, YOLO9000, 2017, and YOLOv3, 2018.
    """

    def __init__(
        self,
        *,
        assigner=None,
        lambda_coord=5.0,
        lambda_obj=1.0,
        lambda_noobj=1.0,
        lambda_class=1.0,
        objectness_is_iou=False,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="yolo_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_not_negative(lambda_coord, "lambda_coord")
        require_not_negative(lambda_obj, "lambda_obj")
        require_not_negative(lambda_noobj, "lambda_noobj")
        require_not_negative(lambda_class, "lambda_class")
        require_normalization(normalize_by)
        self.assigner = assigner or CellAnchorAssigner()
        self.lambda_coord = lambda_coord
        self.lambda_obj = lambda_obj
        self.lambda_noobj = lambda_noobj
        self.lambda_class = lambda_class
        self.objectness_is_iou = objectness_is_iou
        self.normalize_by = normalize_by

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        anchors = split(ops.cast(y_pred, "float32"))
        objects = read_objects(y_true, anchors.classes.shape[-1])
        boxes = decode(anchors.deltas, anchors.cells, anchors.sizes)
        match = self.assigner(objects, boxes, anchors.cells, anchors.sizes)
        known = background_is_known(anchors.classes, objects.annotated)
        is_background = ops.logical_and(match == BACKGROUND, known)
        quiet = _cross_entropy(0.0, anchors.objectness)
        values = self.lambda_noobj * ops.where(is_background, quiet, 0.0)
        own = self._matched_values(anchors, boxes, objects, match)
        values += ops.where(match >= 0, own, 0.0)
        return average_over_objects(
            ops.sum(values, axis=1),
            ops.sum(ops.cast(match >= 0, "float32"), axis=1),
            objects.labelled,
            by=self.normalize_by,
        )

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth makes sense for such predictions."""
        check_objects(y_true, count_classes(y_pred))

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN where there is none."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "assigner": keras.saving.serialize_keras_object(self.assigner),
            "lambda_coord": self.lambda_coord,
            "lambda_obj": self.lambda_obj,
            "lambda_noobj": self.lambda_noobj,
            "lambda_class": self.lambda_class,
            "objectness_is_iou": self.objectness_is_iou,
            "normalize_by": self.normalize_by,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        assigner = keras.saving.deserialize_keras_object(config["assigner"])
        return cls(**{**config, "assigner": assigner})

    def _matched_values(self, anchors, boxes, objects, match):
        """The weighted errors of anchors that find an object, (B, A)."""
        rows = ops.maximum(match, 0)
        true = take_rows(objects.boxes, rows)
        target = 1.0
        if self.objectness_is_iou:
            target = ops.stop_gradient(aligned_box_iou(true, boxes))
        found = _cross_entropy(target, anchors.objectness)
        classes = ops.take_along_axis(objects.classes, rows, axis=1)
        classes = ops.one_hot(classes, anchors.classes.shape[-1])
        named = ops.sum(_cross_entropy(classes, anchors.classes), axis=-1)
        return (
            self.lambda_coord * _box_values(anchors, true)
            + self.lambda_obj * found
            + self.lambda_class * named
        )


def _cross_entropy(labels, logits):
    return binary_focal(labels, logits, alpha=None, gamma=0)


def _box_values(anchors, true):
    """Squared errors of the boxes, small boxes counting more: (B, A)."""
    shares, log_scales = encode(true, anchors.cells, anchors.sizes)
    place = ops.square(ops.sigmoid(anchors.deltas[..., :2]) - shares)
    size = ops.square(anchors.deltas[..., 2:] - log_scales)
    sides = ops.max(anchors.cells[..., 2:], axis=1, keepdims=True)
    part = ops.prod((true[..., 2:] - true[..., :2]) / sides, axis=-1)
    return (2 - part) * ops.sum(place + size, axis=-1)
