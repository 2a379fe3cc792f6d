"""Loss of the boxes found in windows."""

import keras
from keras import ops

from mtvision.ops.truth_objects import average_over_objects, read_objects
from mtvision.tasks.window_detection.assignment import assign_windows
from mtvision.tasks.window_detection.columns import (
    encode,
    require_windows,
    split,
)
from mtvision.tasks.window_detection.window_loss import WindowLoss


@keras.saving.register_keras_serializable(package="mtvision")
class WindowBoxesLoss(WindowLoss):
    """Squared errors of the boxes in windows that show an object.

    The error is in halves of a window, summed over the four sides and the
    windows whose IoU with an object is `high` or more (and the best of each
    object), and divided by their number, or by 1 if there is none.

    Truth is as for `WindowClassesLoss`. Predictions are the rows
    (B, A, 4 + 4) of `WindowBoxHead`.

    Args:
        high: IoU from which a window shows an object.
        low: IoU below which it shows background.
        normalize_by: `"image"` or `"batch"`, whose windows count.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> rows = np.array([[[-1.0, -1.0, 1.0, 0.5, 0.0, 0.0, 8.0, 8.0]]])
    >>> truth = {"boxes": rows[..., 4:], "classes": np.array([[0]])}
    >>> float(WindowBoxesLoss()(truth, rows))
    0.25

    Reference:
        Sermanet et al., OverFeat, 2013.
    """

    def __init__(
        self,
        *,
        high=0.5,
        low=0.3,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="window_boxes_loss",
    ):
        super().__init__(
            high=high,
            low=low,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_windows(y_pred, self.name)
        values, windows = split(y_pred)
        objects = read_objects(y_true)
        found = assign_windows(windows, objects, high=self.high, low=self.low)
        error = ops.square(values - encode(found.boxes, windows))
        error = ops.where(found.positive[..., None], error, 0.0)
        return average_over_objects(
            ops.sum(error, axis=(1, 2)),
            ops.sum(ops.cast(found.positive, "float32"), axis=1),
            objects.labelled,
            by=self.normalize_by,
        )
