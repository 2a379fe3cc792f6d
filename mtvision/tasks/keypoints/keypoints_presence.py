"""Accuracy of "the object is there" of a head of key points."""

import keras
from keras import ops

from mtvision.metrics import MultiLabelAccuracy
from mtvision.ops.option_checks import require_within
from mtvision.tasks.keypoints.columns import read_truth
from mtvision.tasks.keypoints.decoder import read_outputs


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointsPresence(MultiLabelAccuracy):
    """Share of the objects that are rightly called present or absent.

    Truth and predictions as for `KeypointsError`; where presence is not known
    the sample is left out. `sample_weight` is (B,).

    Args:
        threshold: The probability above which an object is called present.
            Of maps it is the mean score of the key points.

    Raises:
        ValueError: If the threshold is not from 0 to 1.

    Example:

    >>> metric = KeypointsPresence()
    >>> truth = [[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
    >>> metric.update_state(truth, np.array([[9.0, 5, 6], [1.0, 9, 9]]))
    >>> float(metric.result())
    0.5
    """

    def __init__(self, *, threshold=0.5, name="presence", dtype=None):
        require_within(threshold, 0, 1, "threshold")
        super().__init__(threshold=threshold, name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        truth = read_truth(y_true)
        present = ops.cast(truth.present, "float32")
        present = ops.where(truth.known, present, -1.0)
        found = read_outputs(y_pred, self.name)[2]
        super().update_state(present, found, sample_weight)
