"""Loss of where landmarks lie, seen from each cell of a volume."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import any_in_sample
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.signed_log import signed_log
from mtvision.tasks.volume_landmarks.checks import (
    check_landmarks,
    check_within_volume,
    count_landmarks,
)
from mtvision.tasks.volume_landmarks.columns import (
    read_truth,
    split,
    vectors,
)


@keras.saving.register_keras_serializable(package="mtvision")
class LandmarkDisplacementLoss(keras.losses.Loss):
    """Absolute error of the ways to the landmarks, through a logarithm.

    The mean over the cells, the three axes and the landmarks that are there.
    A landmark that is absent, or whose place is not known, teaches nothing.

    Truth is (B, K, 4) as for `LandmarkPresenceLoss`. Predictions are the maps
    (B, d, h, w, 3 K + 6) of `LandmarkDisplacementHead`.

    Args:
        reach: Cells between a cell and a landmark, along the axis where there
            are most, up to which the cell is taught; `None` for any, as in
            the paper.

    Raises:
        ValueError: If `reach` is not above 0.

    Example:

    >>> way, cell = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 4.0, 4.0, 4.0]
    >>> maps = np.reshape([*way, *cell], (1, 1, 1, 1, 9))
    >>> truth = np.array([[[2.0, 6.0, 2.0, 1.0]]])  # a cell from the centre
    >>> round(float(LandmarkDisplacementLoss()(truth, maps)), 4)
    0.231

    Reference:
        Noothout et al., Deep learning-based regression and classification for
        automatic landmark localization in medical images, 2020.
    """

    def __init__(
        self,
        *,
        reach=None,
        reduction="sum_over_batch_size",
        name="landmark_displacement_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if reach is not None:
            require_above_zero(reach, "reach")
        self.reach = reach

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        count_landmarks(y_pred, 3, self.name)
        values, centres, sides = split(y_pred)
        truth = read_truth(y_true)
        ways = (truth.points[:, None, None, None] - centres) / sides
        errors = ops.mean(ops.abs(vectors(values) - signed_log(ways)), axis=-1)
        far = ops.max(ops.abs(ways), axis=-1)
        near = far <= (float("inf") if self.reach is None else self.reach)
        taught = ops.logical_and(near, truth.present[:, None, None, None])
        return masked_mean_per_sample(errors, taught)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds landmarks for such maps."""
        check_landmarks(y_true, count_landmarks(y_pred, 3, self.name))

    def check_volume_size(self, y_true, volume_size):
        """Raises if landmarks of a numpy truth are outside of the volume."""
        check_within_volume(y_true, volume_size)

    def labelled(self, y_true):
        """Which samples have a landmark whose place is known: bool (B,)."""
        return any_in_sample(read_truth(y_true).present)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "reach": self.reach}
