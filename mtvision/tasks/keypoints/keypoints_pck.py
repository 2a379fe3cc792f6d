"""Share of the key points of a head that are found."""

import keras

from mtvision.metrics import PCK
from mtvision.tasks.keypoints.columns import metric_truth
from mtvision.tasks.keypoints.decoder import read_outputs


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointsPCK(PCK):
    """Share of the key points that are predicted within a distance.

    Truth, predictions and weights as for `KeypointsError`.

    Args:
        num_keypoints: K.
        threshold: The largest distance of a correct point, in units of the
            reference.
        reference: `None` for pixels, `"box"`, or a pair of key points.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> metric = KeypointsPCK(2, threshold=0.5)
    >>> truth = [[1.0, 0, 0, 0, 8]]
    >>> metric.update_state(truth, np.array([[9.0, 0, 4, 5, 8]]))
    >>> float(metric.result())
    0.5
    """

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        points = read_outputs(y_pred, self.name)[0]
        super().update_state(metric_truth(y_true), points, sample_weight)
