"""Mean distance of the key points that a head gives."""

import keras

from mtvision.metrics import KeypointError
from mtvision.tasks.keypoints.columns import metric_truth
from mtvision.tasks.keypoints.decoder import read_outputs


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointsError(KeypointError):
    """Mean distance between true and predicted key points.

    Truth as for `KeypointsLoss`, predictions are vectors of `KeypointsHead`
    or maps of `KeypointMapsHead`; points that are not given, or are those of
    an object that is absent, are left out. `sample_weight` is (B,).

    Args:
        num_keypoints: K.
        reference: What distances are divided by, as for
            `metrics.KeypointError`: `None` for pixels, `"box"`, or a pair of
            key points.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> metric = KeypointsError(1)
    >>> truth = [[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
    >>> metric.update_state(truth, np.array([[9.0, 5, 6], [0.0, 9, 9]]))
    >>> float(metric.result())
    5.0
    """

    def __init__(
        self, num_keypoints, *, reference=None, name="error", dtype=None
    ):
        super().__init__(
            num_keypoints, reference=reference, name=name, dtype=dtype
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        points = read_outputs(y_pred, self.name)[0]
        super().update_state(metric_truth(y_true), points, sample_weight)
