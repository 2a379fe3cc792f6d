"""What the losses of anchor-based heads share."""

import keras
from keras import ops

from mtvision.ops.box_deltas import decode_boxes, encode_boxes
from mtvision.ops.detections import take_rows
from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.option_checks import require_not_negative
from mtvision.ops.truth_objects import (
    labelled_objects,
    read_objects,
    require_normalization,
)
from mtvision.tasks.detection.columns import count_logits, split

FORMS = ("deltas", "boxes")


class AnchorLoss(keras.losses.Loss):
    """Assigns anchors and measures their boxes; classes are the subclass's.

    Args:
        assigner: From truth and anchors to matches: `AnchorAssigner`.
        box_loss: A `keras.losses.Loss` of truth and predictions (N, 4) that
            gives (N,).
        box_form: `"deltas"` if it compares deltas, where the sum over the
            four is taken, or `"boxes"` in pixels.
        box_weight: Factor of the box loss.
        delta_weights: Weights of `mtvision.ops.encode_boxes`.
        normalize_by: As in `average_over_objects`.

    Raises:
        ValueError: If an option is not of its kind.
    """

    def __init__(
        self,
        *,
        assigner,
        box_loss,
        box_form,
        box_weight,
        delta_weights,
        normalize_by,
        reduction,
        name,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if box_form not in FORMS:
            raise ValueError(
                f"Expected box_form to be one of {FORMS}, received "
                f"{box_form!r}."
            )
        require_normalization(normalize_by)
        require_not_negative(box_weight, "box_weight")
        self.assigner = assigner
        self.box_loss = box_loss
        self.box_form = box_form
        self.box_weight = box_weight
        self.delta_weights = tuple(delta_weights)
        self.normalize_by = normalize_by

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth fits such predictions."""
        check_objects(y_true, count_logits(y_pred) - self.num_backgrounds)

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN in rows of padding."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "assigner": serialize(self.assigner),
            "box_loss": serialize(self.box_loss),
            "box_form": self.box_form,
            "box_weight": self.box_weight,
            "delta_weights": self.delta_weights,
            "normalize_by": self.normalize_by,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        parts = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("assigner", "box_loss")
        }
        return cls(**{**config, **parts})

    # Logits before those of the classes.
    num_backgrounds = 0

    def assign(self, y_true, y_pred):
        """Truth and predictions, anchor by anchor.

        Args:
            y_true: Truth of objects.
            y_pred: Tensor (B, A, 4 + C + 4).

        Returns:
            `(objects, match, classes, logits, box_values)`: the truth,
            matches (B, A), the matched object's class (B, A), the logits
            (B, A, C), and the box loss of each anchor (B, A), 0 where it is
            to find none.
        """
        count_logits(y_pred)
        deltas, logits, anchors = split(ops.cast(y_pred, "float32"))
        anchors = ops.stop_gradient(anchors)
        objects = read_objects(y_true, logits.shape[-1] - self.num_backgrounds)
        if not {"crowd", "difficult"} & set(y_true):
            objects = objects._replace(ignored=None)
        match = self.assigner(objects, anchors)
        classes = ops.cast(objects.classes, "float32")
        table = [objects.boxes, ops.expand_dims(classes, -1)]
        rows = take_rows(ops.concatenate(table, axis=-1), ops.maximum(match, 0))
        classes = ops.cast(rows[..., 4], "int32")
        values = self._box_values(rows[..., :4], deltas, anchors)
        values = ops.where(match >= 0, values, 0.0)
        return objects, match, classes, logits, values

    def _box_values(self, boxes, deltas, anchors):
        weights = self.delta_weights
        if self.box_form == "deltas":
            truth = encode_boxes(boxes, anchors, weights=weights)
            predicted, columns = deltas, 4
        else:
            truth, columns = boxes, 1
            predicted = decode_boxes(deltas, anchors, weights=weights)
        values = self.box_loss.call(
            ops.reshape(truth, (-1, 4)), ops.reshape(predicted, (-1, 4))
        )
        # Losses give means, here the sum over the deltas is wanted.
        return columns * ops.reshape(values, ops.shape(boxes)[:2])
