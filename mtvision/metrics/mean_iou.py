"""Mean intersection over union of segmentation maps."""

import keras
import numpy as np

from mtvision.metrics.confusion_matrix import ConfusionMatrix
from mtvision.ops.confusion import mean_iou


@keras.saving.register_keras_serializable(package="mtvision")
class MeanIoU(ConfusionMatrix):
    """Mean IoU of the classes that occur in truth or prediction.

    Takes logits (B, H, W, C) as heads give them, and `sample_weight` (B,)
    or (B, H, W). Pixels whose logits hold NaN are wrong: they count as the
    class after the true one. `per_class()` gives the IoU of each class,
    `matrix()` the counts. `keras.metrics.MeanIoU` computes the same score,
    but fails on weights of samples, and its integer counts refuse float
    weights.

    Args:
        num_classes: C, at least 2. One logit (C = 1) is two classes.
        ignore_class: A class index that means "unlabelled", such as 255.

    Example:

    >>> import numpy as np
    >>> metric = MeanIoU(2, ignore_class=255)
    >>> truth = np.array([[[0, 1], [1, 255]]])
    >>> logits = np.array([[[[-1.0], [1.0]], [[-1.0], [1.0]]]])
    >>> metric.update_state(truth, logits)
    >>> float(metric.result())
    0.5
    >>> metric.per_class().tolist()
    [0.5, 0.5]
    """

    def __init__(
        self, num_classes, *, ignore_class=None, name="mean_iou", dtype=None
    ):
        super().__init__(
            num_classes, ignore_class=ignore_class, name=name, dtype=dtype
        )

    def result(self):
        """Returns the score so far."""
        return mean_iou(self.totals())

    def per_class(self):
        """The IoU of each class so far.

        Returns:
            Numpy array (C,), float64; NaN for a class that occurs neither in
            truth nor in prediction.
        """
        counts = self.matrix()
        hits = np.diag(counts)
        union = counts.sum(axis=0) + counts.sum(axis=1) - hits
        missing = np.full(len(hits), np.nan)
        return np.divide(hits, union, out=missing, where=union > 0)
