"""Loss of the phrases of regions."""

import keras
import numpy as np
from keras import ops

from mtvision.losses.region_field_loss import RegionFieldLoss
from mtvision.ops.detections import take_rows
from mtvision.tasks.region_captions.columns import count, split


@keras.saving.register_keras_serializable(package="mtvision")
class RegionCaptionsLoss(RegionFieldLoss):
    """Cross entropy of the words of regions that show an object.

    The logits at each place are compared with the word of the object's
    phrase there, up to its first end, which counts as a word. The mean is
    over the words of all regions that show an object (IoU of 0.5 or more)
    with a phrase, each with its region's weight in the sample, as
    `RegionBoxesLoss` takes it.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels,
    `"classes"` (B, M), -1 in padding, and `"phrases"` (B, M, L), numbers of
    words, 0 from the end on. An object without a word has no phrase, and
    counts nowhere. Predictions are the rows (B, R, L + 1, V) of
    `RegionCaptionsHead`.

    Args:
        assigner: Says which object a region shows; by default
            `AnchorAssigner(high=0.5, low=0.5, allow_low_quality=False)`.
        num_samples: Regions that count in an image, at most, background too.
        positive_share: Largest share of positives among these.
        normalize_by: `"batch"`: words are the mean of the batch, so that
            images with many objects count more; `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or truth and predictions do
            not fit.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]]), "phrases": np.array([[[2, 0]]])}
    >>> rows = np.zeros((1, 1, 3, 4))
    >>> rows[0, 0, 2] = 0, 0, 8, 8  # the region
    >>> round(float(RegionCaptionsLoss()(truth, rows)), 4)  # log 4
    1.3863

    Reference:
        Johnson, Karpathy and Li, DenseCap, 2016.
    """

    field, field_shape = "phrases", "(B, M, L)"

    def __init__(
        self,
        *,
        assigner=None,
        num_samples=512,
        positive_share=0.25,
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="region_captions_loss",
    ):
        super().__init__(
            assigner=assigner,
            num_samples=num_samples,
            positive_share=positive_share,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        self.require_field(y_true)
        self._require_length(y_true, y_pred)
        logits, regions = split(y_pred, self.name)
        phrases, rows, weights, _ = self.match(y_true, regions, None)
        # Fails where L is another and only known at run time.
        shape = (*ops.shape(phrases)[:2], logits.shape[2])
        phrases = ops.reshape(ops.cast(phrases, "int32"), shape)
        words = take_rows(phrases, ops.maximum(rows, 0))
        counts = _before_the_end(words)
        size = logits.shape[-1]
        counts = ops.logical_and(counts, words < size)
        own = ops.expand_dims(words, -1) == ops.arange(size, dtype="int32")
        own = ops.sum(ops.where(own, logits, 0.0), axis=-1)
        values = ops.logsumexp(logits, axis=-1) - own
        weights = ops.where(counts, ops.expand_dims(weights, -1), 0.0)
        return self.average_positives(values, weights, y_true)

    def is_known(self, values):
        """Which objects have a phrase: bool (B, M)."""
        return ops.any(ops.cast(values, "float32") > 0, axis=2)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects with phrases."""
        self.check_field(y_true, None)
        self._require_length(y_true, y_pred)
        words = np.asarray(y_true["phrases"])
        size = count(y_pred, self.name)[1]
        known = words[~np.isnan(words)] if words.dtype.kind == "f" else words
        wrong = (known < -1) | (known >= size) | (known != np.floor(known))
        if wrong.any():
            raise ValueError(
                f"'phrases' hold {known[wrong][0]:g}. Expected numbers of "
                f"words, 0 to {size - 1}: the head has a vocabulary_size of "
                f"{size}."
            )

    def _require_length(self, y_true, rows):
        length, _ = count(rows, self.name)
        shape = tuple(np.shape(y_true["phrases"]))
        if len(shape) == 3 and shape[2] not in (length, None):
            raise ValueError(
                f"{self.name} was given phrases (B, M, L) of L={shape[2]}, "
                f"but the head has max_length={length}. Expected phrases of "
                "as many words."
            )


def _before_the_end(words):
    """Which places (B, R, L) of phrases count: all up to the first end."""
    is_end = ops.cast(words <= 0, "int32")
    return ops.cumsum(is_end, axis=-1) - is_end == 0
