"""Loss of which cells of a volume hold a landmark."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.labels import any_in_sample
from mtvision.ops.option_checks import require_within
from mtvision.tasks.volume_landmarks.checks import (
    check_landmarks,
    check_within_volume,
    count_landmarks,
)
from mtvision.tasks.volume_landmarks.columns import read_truth, split

CELLS = (1, 2, 3)


@keras.saving.register_keras_serializable(package="mtvision")
class LandmarkPresenceLoss(keras.losses.Loss):
    """Binary cross entropy, balanced between few cells and many.

    For each landmark, `positive_share` times the mean over the cells that
    hold it, one or the few that meet where it lies, and the rest times the
    mean over the cells that do not. The mean over the landmarks is taken. A
    landmark that is absent, or lies beyond the volume, teaches that no cell
    holds it; one of which nothing is known teaches nothing.

    Truth is (B, K, 4): z, y, x in voxels, where the centre of the first voxel
    is at 0.5; and 1 where the landmark is there, 0 where it is not, NaN or -1
    where that is not known. Predictions are the maps (B, d, h, w, K + 6) of
    `LandmarkPresenceHead`. `fit` refuses a landmark more than a voxel outside
    of the volume, as its place may be in millimetres: one that is cut off
    has a last number of 0.

    Args:
        positive_share: The share of the cells that hold a landmark. The
            larger, the more cells around them are sure to hold it, too, and
            the higher the probabilities where it is absent.

    Raises:
        ValueError: If the share is not from 0 to 1.

    Example:

    >>> logit, cell = 0.0, [0.0, 0.0, 0.0, 4.0, 4.0, 4.0]
    >>> maps = np.reshape([logit, *cell], (1, 1, 1, 1, 7))
    >>> truth = np.array([[[2.0, 3.0, 2.0, 1.0]]])
    >>> round(float(LandmarkPresenceLoss(positive_share=1.0)(truth, maps)), 4)
    0.6931

    Reference:
        Noothout et al., Deep learning-based regression and classification for
        automatic landmark localization in medical images, 2020. The balance
        of the cells is ours.
    """

    def __init__(
        self,
        *,
        positive_share=0.05,
        reduction="sum_over_batch_size",
        name="landmark_presence_loss",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_within(positive_share, 0, 1, "positive_share")
        self.positive_share = positive_share

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        count_landmarks(y_pred, 1, self.name)
        logits, centres, sides = split(y_pred)
        truth = read_truth(y_true)
        away = ops.abs(truth.points[:, None, None, None] - centres)
        holds = ops.all(away * 2 <= sides, axis=-1)
        holds = ops.logical_and(holds, truth.present[:, None, None, None])
        values = ops.softplus(ops.where(holds, -logits, logits))
        total = self.positive_share * _mean_where(holds, values)
        others = _mean_where(ops.logical_not(holds), values)
        total = total + (1 - self.positive_share) * others
        return masked_mean_per_sample(total, truth.known)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds landmarks for such maps."""
        check_landmarks(y_true, count_landmarks(y_pred, 1, self.name))

    def check_volume_size(self, y_true, volume_size):
        """Raises if landmarks of a numpy truth are outside of the volume."""
        check_within_volume(y_true, volume_size)

    def labelled(self, y_true):
        """Which samples say of any landmark whether it is there: (B,)."""
        return any_in_sample(read_truth(y_true).known)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "positive_share": self.positive_share,
        }


def _mean_where(mask, values):
    """Mean over some cells (B, d, h, w, K), 0 if there are none: (B, K)."""
    count = ops.sum(ops.cast(mask, "float32"), axis=CELLS)
    total = ops.sum(ops.where(mask, values, 0.0), axis=CELLS)
    return total / ops.maximum(count, 1.0)
