"""Mean distance of landmarks from where they are."""

import keras
from keras import ops

from mtvision.ops.averages import spread_weight
from mtvision.ops.axes import by_axis
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.shapes import require_same_shape
from mtvision.tasks.volume_landmarks.columns import read_truth


@keras.saving.register_keras_serializable(package="mtvision")
class LandmarkError(keras.metrics.Mean):
    """Mean distance between true and found landmarks, in millimetres.

    Truth is (B, K, 4): z, y, x in voxels, and 1 where the landmark is there;
    all others are left out. Predictions are (B, K, 3), the `"landmarks"` of
    `DecodeVolumeLandmarks`. `sample_weight` is (B,) or (B, K).

    Args:
        spacing: Millimetres from voxel to voxel along z, y and x; one number
            for all of them. With 1, the error is in voxels.

    Raises:
        ValueError: If the spacing is not above 0.

    Example:

    >>> metric = LandmarkError(spacing=(2.0, 1.0, 1.0))
    >>> truth = [[[1.0, 2.0, 3.0, 1.0], [0.0, 0.0, 0.0, 0.0]]]
    >>> metric.update_state(truth, [[[3.0, 2.0, 6.0], [9.0, 9.0, 9.0]]])
    >>> float(metric.result())
    5.0
    """

    def __init__(self, *, spacing=1.0, name="error", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.spacing = tuple(
            float(n) for n in by_axis(spacing, require_above_zero, "spacing")
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        truth, found = read_truth(y_true), ops.cast(y_pred, "float32")
        require_same_shape(truth.points, found, self.name)
        away = truth.points - found
        away = away * ops.convert_to_tensor(self.spacing, dtype="float32")
        weight = ops.cast(truth.present, "float32")
        if sample_weight is not None:
            weight = weight * spread_weight(sample_weight, weight)
        distances = ops.sqrt(ops.sum(ops.square(away), axis=-1))
        super().update_state(self.score(distances), sample_weight=weight)

    def score(self, distances):
        """What is averaged, from the distance of each landmark."""
        return distances

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "spacing": self.spacing}
