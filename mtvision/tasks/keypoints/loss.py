"""Loss of key points: is the object there, and where are its points."""

import keras
from keras import ops

from mtvision.losses import SmoothL1
from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.option_checks import require_not_negative
from mtvision.tasks.keypoints import checks
from mtvision.tasks.keypoints.columns import (
    count_keypoints,
    object_sizes,
    read_truth,
    split,
)


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointsLoss(keras.losses.Loss):
    """`presence_weight * BCE(p) + points_weight * mean point loss`.

    The mean is over the points that are given. Errors are a share of the
    object's size, the longer side of its box or else of what its points span,
    so that neither the resolution nor the distance of the object matters.

    Truth is one of: key points (B, K, 3), x, y in pixels and visibility, 0
    where the point is not given, which say that the object is there where any
    point is; a dict of them as `"keypoints"` with `"present"` (B,) and, if
    it is known, `"box"` (B, 4); vectors (B, 1 + 2 K), [p, x1, y1, ..., xK,
    yK]. Predictions are the vectors (B, 1 + 2 K) of `KeypointsHead`.

    Points are taught unless the object is absent (p of 0); one that is not
    given (visibility 0; without one NaN, or (-1, -1)) costs nothing, and
    neither does a presence that is not known (NaN or -1).

    Args:
        presence_weight: Factor of the binary cross entropy of presence.
        points_weight: Factor of the loss of points.
        point_loss: A `keras.losses.Loss` for points (B, 2) as shares of the
            size; by default `SmoothL1(beta=0.05)`. Others are
            `keras.losses.MeanSquaredError()`, as DeepPose has it, and
            `Wing(width=0.1, curvature=0.02)`.

    Raises:
        ValueError: If an option is out of range, or truth and predictions do
            not fit.

    Example:

    >>> truth = np.array([[1.0, 0, 0, 8, 6]])
    >>> outputs = np.array([[0.0, 0, 0, 8, 10]])  # half the size off in y
    >>> loss = KeypointsLoss(presence_weight=0.0, points_weight=1.0)
    >>> round(float(loss(truth, outputs)), 3)
    0.119

    Reference:
        Toshev and Szegedy, DeepPose, 2014; presence before the coordinates as
        in Redmon et al., You Only Look Once, 2015.
    """

    def __init__(
        self,
        *,
        presence_weight=1.0,
        points_weight=10.0,
        point_loss=None,
        reduction="sum_over_batch_size",
        name="keypoints_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_not_negative(presence_weight, "presence_weight")
        require_not_negative(points_weight, "points_weight")
        if not isinstance(point_loss, keras.losses.Loss | None):
            raise ValueError(
                "Expected point_loss as a `keras.losses.Loss`, such as "
                f"`keras.losses.MeanSquaredError()`, received {point_loss!r}."
            )
        self.presence_weight = presence_weight
        self.points_weight = points_weight
        self.point_loss = point_loss or SmoothL1(beta=0.05)

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        self._require(y_true, y_pred)
        truth = read_truth(y_true)
        logit, points = split(y_pred)
        present = ops.cast(truth.present, "float32")
        values = ops.binary_crossentropy(present, logit, from_logits=True)
        values = ops.where(truth.known, self.presence_weight * values, 0.0)
        errors = masked_mean_per_sample(
            self._point_values(truth, points), truth.given
        )
        return values + self.points_weight * errors

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds key points for such vectors."""
        self._require(y_true, y_pred)
        checks.check_truth(y_true, count_keypoints(y_pred, self.name))

    def check_image_size(self, y_true, image_size):
        """Raises if key points of a numpy truth are far from the image."""
        checks.check_near(y_true, image_size)

    def labelled(self, y_true):
        """Which samples say of anything where or whether it is: bool (B,)."""
        truth = read_truth(y_true)
        return ops.logical_or(truth.known, ops.any(truth.given, axis=1))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "presence_weight": self.presence_weight,
            "points_weight": self.points_weight,
            "point_loss": keras.saving.serialize_keras_object(self.point_loss),
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        loss = keras.saving.deserialize_keras_object(config["point_loss"])
        return cls(**{**config, "point_loss": loss})

    def _point_values(self, truth, points):
        """The loss of each point, (B, K), whether given or not."""
        sizes = object_sizes(truth, points)[:, None, None]
        # No error where there is no truth.
        points = ops.where(truth.given[..., None], points, 0.0)
        values = self.point_loss.call(
            ops.reshape(truth.points / sizes, (-1, 2)),
            ops.reshape(points / sizes, (-1, 2)),
        )
        return ops.reshape(values, (-1, points.shape[1]))

    def _require(self, y_true, y_pred):
        number = count_keypoints(y_pred, self.name)
        if len(y_pred.shape) != 2:
            raise ValueError(
                f"{self.name} expects vectors (B, 1 + 2 K) of KeypointsHead, "
                f"received shape {tuple(y_pred.shape)}. For maps take "
                "KeypointMapsLoss."
            )
        checks.require_form(y_true, number)
