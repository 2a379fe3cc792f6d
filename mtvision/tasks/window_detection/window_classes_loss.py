"""Loss of the classes of windows."""

import keras
from keras import ops

from mtvision.ops.background_entropy import background_entropy
from mtvision.ops.hard_negatives import hardest
from mtvision.ops.object_checks import check_objects
from mtvision.ops.option_checks import require_count, require_not_negative
from mtvision.ops.truth_objects import (
    average_over_objects,
    read_objects,
)
from mtvision.tasks.window_detection.assignment import assign_windows
from mtvision.tasks.window_detection.columns import require_windows, split
from mtvision.tasks.window_detection.window_loss import WindowLoss


@keras.saving.register_keras_serializable(package="mtvision")
class WindowClassesLoss(WindowLoss):
    """Cross entropy of windows: which object they show, or background.

    A window shows the object with which it has the highest IoU, if that is
    `high` or more or no window fits that object better; below `low` it shows
    background; others are not judged, nor is background inside a crowd or a
    difficult object. Of the background the windows with the highest loss
    count, `negative_ratio` for each positive. The sum is divided by the
    number of positives, or by 1 if there is none: an image without objects
    teaches `min_negatives` of background.

    A single crop as an image of the size of a window, whose box is the whole
    of it, is a truth as good as a large image.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels, and
    `"classes"` (B, M), -1 in padding; `"crowd"`, `"difficult"` (B, M) and
    `"annotated"` (B, C) may be there. Where a class is not annotated, the
    background's probability is that of the background or of that class.
    Predictions are the rows (B, A, C + 1 + 4) of `WindowHead`.

    Args:
        high: IoU from which a window shows an object.
        low: IoU below which it shows background.
        negative_ratio: Windows of background for each positive.
        min_negatives: The least number of them.
        normalize_by: `"image"` or `"batch"`, whose positives count.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> rows = np.array([[[0.0, 0.0, 0.0, 0.0, 9.0, 9.0]]])
    >>> truth = {"boxes": rows[..., 2:], "classes": np.array([[0]])}
    >>> round(float(WindowClassesLoss()(truth, rows)), 4)
    0.6931

    Reference:
        Sermanet et al., OverFeat, 2013, which looks for the most offending
        windows of the background, too; their number as in SSD, 2016.
    """

    def __init__(
        self,
        *,
        high=0.5,
        low=0.3,
        negative_ratio=3.0,
        min_negatives=3,
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="window_classes_loss",
    ):
        super().__init__(
            high=high,
            low=low,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )
        require_not_negative(negative_ratio, "negative_ratio")
        require_count(min_negatives, 0, "min_negatives")
        self.negative_ratio = negative_ratio
        self.min_negatives = min_negatives

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        require_windows(y_pred, self.name)
        logits, windows = split(y_pred)
        background = logits.shape[-1] - 1
        objects = read_objects(y_true, background)
        found = assign_windows(windows, objects, high=self.high, low=self.low)
        labels = ops.where(found.positive, found.classes, background)
        values = background_entropy(labels, logits, objects.annotated)
        positives = ops.sum(ops.cast(found.positive, "float32"), axis=1)
        number = ops.maximum(
            self.negative_ratio * positives, float(self.min_negatives)
        )
        negative = hardest(values, found.negative, number)
        counts = ops.logical_or(found.positive, negative)
        sums = ops.sum(ops.where(counts, values, 0.0), axis=1)
        return average_over_objects(
            sums, positives, objects.labelled, by=self.normalize_by
        )

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects of the head's classes."""
        require_windows(y_pred, self.name)
        check_objects(y_true, y_pred.shape[-1] - 5)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "negative_ratio": self.negative_ratio,
            "min_negatives": self.min_negatives,
        }
