"""Share of landmarks that are found within a radius."""

import keras
from keras import ops

from mtvision.ops.option_checks import require_above_zero
from mtvision.tasks.volume_landmarks.landmark_error import LandmarkError


@keras.saving.register_keras_serializable(package="mtvision")
class LandmarksFound(LandmarkError):
    """Share of the landmarks that are found within a radius.

    Truth, predictions and weights as for `LandmarkError`.

    Args:
        radius: The largest distance at which one counts as found, in
            millimetres.
        spacing: Millimetres from voxel to voxel along z, y and x; one number
            for all of them.

    Raises:
        ValueError: If radius or spacing are not above 0.

    Example:

    >>> metric = LandmarksFound(radius=2.0)
    >>> truth = [[[1.0, 2.0, 3.0, 1.0], [5.0, 5.0, 5.0, 1.0]]]
    >>> metric.update_state(truth, [[[3.0, 2.0, 3.0], [9.0, 5.0, 5.0]]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, *, radius=2.0, spacing=1.0, name="found", dtype=None):
        super().__init__(spacing=spacing, name=name, dtype=dtype)
        require_above_zero(radius, "radius")
        self.radius = radius

    def score(self, distances):
        """Scores a landmark 1 if it is within the radius, else 0."""
        return ops.cast(distances <= self.radius, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "radius": self.radius}
