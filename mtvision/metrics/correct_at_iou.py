"""Share of boxes that are correct at a threshold of IoU."""

import keras
from keras import ops

from mtvision.metrics.box_iou import BoxIoU
from mtvision.ops.option_checks import require_up_to_one


@keras.saving.register_keras_serializable(package="mtvision")
class CorrectAtIoU(BoxIoU):
    """Share of the present objects whose box reaches an IoU.

    Truth, predictions and weights as for `BoxIoU`.

    Args:
        threshold: The least IoU of a correct box, above 0.

    Raises:
        ValueError: If the threshold is no such number.

    Example:

    >>> metric = CorrectAtIoU(threshold=0.5)
    >>> truth = [[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 4.0]]
    >>> metric.update_state(truth, [[0.0, 0.0, 4.0, 3.0], [3.0, 3.0, 9.0, 9.0]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, *, threshold=0.5, name="correct_at_iou", dtype=None):
        super().__init__(name=name, dtype=dtype)
        require_up_to_one(threshold, "threshold")
        self.threshold = threshold

    def score(self, iou):
        """Scores a box 1 if its IoU reaches the threshold, else 0."""
        return ops.cast(iou >= self.threshold, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "threshold": self.threshold}
