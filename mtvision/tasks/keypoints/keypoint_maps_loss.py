"""Loss of heat maps of key points."""

import math

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.keypoint_maps import draw_keypoint_maps
from mtvision.ops.option_checks import require_above_zero
from mtvision.tasks.keypoints import checks
from mtvision.tasks.keypoints.columns import (
    count_keypoints,
    read_truth,
    split_maps,
)


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointMapsLoss(keras.losses.Loss):
    """Squared error of heat maps against a Gaussian at each key point.

    The Gaussian has a height of 1 and stands where the point is, between the
    cells. The sum of the squared errors over the map is divided by what that
    of an empty map is, pi sigma ** 2, so that an empty map costs 1. The mean
    is over the points that are given; of an object that is absent, all maps
    should be empty. What is not known costs nothing.

    Truth as for `KeypointsLoss`, predictions are the maps (B, h, w, K + 4) of
    `KeypointMapsHead`.

    Args:
        sigma: Standard deviation of the Gaussian, in cells.

    Raises:
        ValueError: If sigma is not above 0, or truth and predictions do not
            fit.

    Example:

    >>> features = np.zeros((1, 16, 16, 8))
    >>> maps = mtv.tasks.KeypointMapsHead(1)(features)  # empty
    >>> truth = np.array([[[30.0, 33.0, 2.0]]])
    >>> round(float(KeypointMapsLoss(sigma=1.5)(truth, maps)), 4)
    1.0

    Reference:
        Xiao et al., Simple Baselines for Human Pose Estimation and Tracking,
        2018. The factor and the place between the cells are ours.
    """

    def __init__(
        self,
        *,
        sigma=2.0,
        reduction="sum_over_batch_size",
        name="keypoint_maps_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_above_zero(sigma, "sigma")
        self.sigma = sigma

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        self._require(y_true, y_pred)
        truth = read_truth(y_true)
        values, start, step = split_maps(y_pred)
        drawn = draw_keypoint_maps(
            (truth.points - start) / step,
            ops.shape(values)[1:3],
            sigma=self.sigma,
        )
        given = truth.given[:, None, None]
        errors = ops.square(values - ops.where(given, drawn, 0.0))
        errors = ops.sum(errors, axis=(1, 2)) / (math.pi * self.sigma**2)
        return masked_mean_per_sample(errors, _taught(truth))

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds key points for such maps."""
        self._require(y_true, y_pred)
        checks.check_truth(y_true, count_keypoints(y_pred, self.name))

    def check_image_size(self, y_true, image_size):
        """Raises if key points of a numpy truth are far from the image."""
        checks.check_near(y_true, image_size)

    def labelled(self, y_true):
        """Which samples say of any point where it is, or that it is not."""
        return ops.any(_taught(read_truth(y_true)), axis=1)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "sigma": self.sigma}

    def _require(self, y_true, y_pred):
        number = count_keypoints(y_pred, self.name)
        if len(y_pred.shape) != 4:
            raise ValueError(
                f"{self.name} expects maps (B, h, w, K + 4) of "
                f"KeypointMapsHead, received shape {tuple(y_pred.shape)}. For "
                "vectors take KeypointsLoss."
            )
        checks.require_form(y_true, number)


def _taught(truth):
    """Which maps are known: bool (B, K)."""
    absent = ops.logical_and(truth.known, ops.logical_not(truth.present))
    return ops.logical_or(truth.given, absent[:, None])
