"""What the losses of windows share."""

import keras

from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.truth_objects import (
    labelled_objects,
    require_normalization,
)
from mtvision.tasks.window_detection.columns import require_windows


class WindowLoss(keras.losses.Loss):
    """A loss that compares windows with objects.

    Args:
        high: IoU from which a window shows an object.
        low: IoU below which it shows background.
        normalize_by: `"image"` or `"batch"`, whose positives count.
        reduction: As for `keras.losses.Loss`.
        name: Likewise.
    """

    def __init__(
        self,
        *,
        high=0.5,
        low=0.3,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_normalization(normalize_by)
        if not 0 <= low <= high <= 1:
            raise ValueError(
                f"Expected 0 <= low <= high <= 1, received low={low}, "
                f"high={high}."
            )
        self.high = high
        self.low = low
        self.normalize_by = normalize_by

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects."""
        require_windows(y_pred, self.name)
        check_objects(y_true)

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN where no object is."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "high": self.high,
            "low": self.low,
            "normalize_by": self.normalize_by,
        }
