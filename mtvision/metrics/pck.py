"""Share of key points that are found."""

import keras
from keras import ops

from mtvision.metrics.keypoint_average import KeypointAverage
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class PCK(KeypointAverage):
    """Percentage of correct key points: the share within a distance.

    Truth, predictions and weights as for `KeypointError`.

    Args:
        num_keypoints: K.
        threshold: The largest distance of a correct point, in units of the
            reference.
        reference: As for `KeypointError`. PCK at 0.2 of the torso is
            `reference=(9, 2)` for `ops.LSP_KEYPOINTS`, left shoulder to right
            hip; PCKh at 0.5 of the head is `threshold=0.5, reference=(12,
            13)`.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> metric = PCK(2, threshold=0.5)
    >>> truth = [[[0.0, 0.0, 2.0], [0.0, 8.0, 2.0]]]
    >>> metric.update_state(truth, [[[0.0, 4.0], [5.0, 8.0]]])
    >>> float(metric.result())
    0.5

    Reference:
        Yang and Ramanan, Articulated Human Detection with Flexible Mixtures
        of Parts, 2013; PCKh, Andriluka et al., 2D Human Pose Estimation, 2014.
    """

    def __init__(
        self,
        num_keypoints,
        *,
        threshold=0.2,
        reference="box",
        name="pck",
        dtype=None,
    ):
        super().__init__(
            num_keypoints, reference=reference, name=name, dtype=dtype
        )
        require_above_zero(threshold, "threshold")
        self.threshold = threshold

    def score(self, distances):
        """Scores a point 1 if it is within the distance, else 0."""
        return ops.cast(distances <= self.threshold, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "threshold": self.threshold}
