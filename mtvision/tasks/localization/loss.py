"""Loss of localization: is the object there, where, and what is it."""

import keras
import numpy as np
from keras import ops

from mtvision.losses import BoxIoU
from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import any_in_sample, is_share
from mtvision.tasks.localization.checks import check_vectors
from mtvision.tasks.localization.columns import (
    check_columns,
    one_hot_classes,
    split,
)


@keras.saving.register_keras_serializable(package="mtvision")
class LocalizationLoss(keras.losses.Loss):
    """`BCE(p) + gamma * Y * box loss + class_weight * Y * CE(classes)`.

    Y is the truth of p, so that an image without the object teaches
    objectness only. Truth vectors are [p, x1, y1, x2, y2, classes...] with
    one-hot classes, (B, 5 + C), or with one class index, (B, 6). Predictions
    are (B, 5 + C) as `LocalizationHead` gives them. K objects an image are
    (B, K, ...); their mean is taken.

    Labels may be missing in part: where p is NaN or negative the object
    teaches nothing; where the box holds a NaN, or the class is NaN or -1,
    it teaches the rest.

    Args:
        gamma: Factor of the box loss.
        box_loss: A `keras.losses.Loss` for boxes (B, 4) in pixels; by
            default `BoxIoU(kind="ciou")`.
        class_weight: Factor of the cross entropy of the classes.

    Example:

    >>> import numpy as np
    >>> truth = np.array([[0.0, np.nan, np.nan, np.nan, np.nan]])
    >>> outputs = np.array([[0.0, 4.0, 4.0, 8.0, 8.0]])
    >>> round(float(LocalizationLoss()(truth, outputs)), 4)
    0.6931
    """

    def __init__(
        self,
        *,
        gamma=1.0,
        box_loss=None,
        class_weight=1.0,
        reduction="sum_over_batch_size",
        name="localization_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self.gamma = gamma
        self.box_loss = box_loss or BoxIoU(kind="ciou")
        self.class_weight = class_weight

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        check_columns(y_true, y_pred)
        objectness, box, classes = split(y_true)
        logit, predicted_box, class_logits = split(y_pred)
        labelled = is_share(objectness)
        present = ops.where(labelled, objectness, 0.0)
        values = ops.binary_crossentropy(present, logit, from_logits=True)
        values += self.gamma * present * self._box_values(box, predicted_box)
        if class_logits.shape[-1]:
            class_values = _class_values(classes, class_logits)
            values += self.class_weight * present * class_values
        return masked_mean_per_sample(values, labelled)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds vectors for such predictions."""
        check_vectors(y_true, y_pred)

    def truth_boxes(self, y_true):
        """The boxes (..., 4) of a numpy truth, NaN where no object is."""
        objectness, box, _ = split(y_true)
        return np.where((objectness == 1)[..., None], box, np.nan)

    def labelled(self, y_true):
        """Which samples say of any object whether it is there: bool (B,)."""
        return any_in_sample(is_share(split(y_true)[0]))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "gamma": self.gamma,
            "box_loss": keras.saving.serialize_keras_object(self.box_loss),
            "class_weight": self.class_weight,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        box_loss = keras.saving.deserialize_keras_object(config["box_loss"])
        return cls(**{**config, "box_loss": box_loss})

    def _box_values(self, box, predicted):
        has_box = ops.logical_not(ops.any(ops.isnan(box), axis=-1))
        box = ops.where(ops.expand_dims(has_box, -1), box, 0.0)
        values = self.box_loss.call(
            ops.reshape(box, (-1, 4)), ops.reshape(predicted, (-1, 4))
        )
        values = ops.reshape(values, ops.shape(has_box))
        return ops.where(has_box, values, 0.0)


def _class_values(classes, logits):
    truth, has_class = one_hot_classes(classes, logits.shape[-1])
    values = ops.categorical_crossentropy(truth, logits, from_logits=True)
    return ops.where(has_class, values, 0.0)
