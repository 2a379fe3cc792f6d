"""Object key point similarity of what a head gives."""

import keras

from mtvision.metrics import ObjectKeypointSimilarity
from mtvision.ops.keypoint_conventions import COCO_KEYPOINTS
from mtvision.tasks.keypoints.columns import metric_truth
from mtvision.tasks.keypoints.decoder import read_outputs


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointsSimilarity(ObjectKeypointSimilarity):
    """Mean object key point similarity (OKS), from 0 to 1.

    Truth, predictions and weights as for `KeypointsError`; a dict may hold
    the object's `"area"` or `"box"`, see `metrics.ObjectKeypointSimilarity`.

    Args:
        sigmas: K numbers; by default those of COCO's 17 points.

    Raises:
        ValueError: If there is no sigma, or one is not above 0.

    Example:

    >>> metric = KeypointsSimilarity(sigmas=(0.1, 0.1))
    >>> truth = [[1.0, 0, 0, 10, 10]]  # an area of 100
    >>> metric.update_state(truth, np.array([[9.0, 0, 4, 10, 10]]))
    >>> round(float(metric.result()), 3)
    0.568
    """

    def __init__(self, *, sigmas=COCO_KEYPOINTS.sigmas, name="oks", dtype=None):
        super().__init__(sigmas=sigmas, name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts one batch."""
        points = read_outputs(y_pred, self.name)[0]
        super().update_state(metric_truth(y_true), points, sample_weight)
