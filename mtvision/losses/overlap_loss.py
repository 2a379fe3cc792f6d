"""What the losses that compare soft pixel counts have in common."""

import keras
from keras import ops

from mtvision.ops.averages import mean_per_sample
from mtvision.ops.labels import (
    any_in_sample,
    class_factors,
    match_rank,
)
from mtvision.ops.missing import mark_missing
from mtvision.ops.option_checks import (
    require_class_or_none,
    require_flag,
    require_not_negative,
)
from mtvision.ops.overlap import class_shares, probabilities, soft_overlap
from mtvision.ops.pixel_weights import (
    check_pixel_weights,
    labelled_samples,
    labels_and_weights,
    mark_strays,
)
from mtvision.ops.shapes import require_same_shape
from mtvision.ops.truth_checks import (
    check_class_maps,
    check_map_size,
    check_samples,
    check_shares,
)


class OverlapLoss(keras.losses.Loss):
    """One minus a score of what truth and prediction share.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label, `ignore_class` or an index beyond the classes count nowhere.
    Predictions are (B, H, W, C); with C = 1 they speak of class 1 against
    class 0. A dict of `labels` and `weights` (B, H, W) says how much each
    pixel counts.

    A subclass gives the score of each class, or of a sample, in `score`.

    Args:
        from_logits: Whether predictions are logits, or probabilities.
        multi_label: Whether a pixel may belong to several classes: truth is
            (B, H, W, C) in {0, 1}, NaN or -1 where it is not known, and
            logits are taken through a sigmoid each.
        ignore_class: A class index that means "unlabelled", or `None`.
        include_background: Whether class 0 counts. Without effect if C = 1.
        batch: Whether to count over the batch, not in each sample. Samples
            without labels count nowhere; each other sample gets the loss of
            the batch.
        smooth: Number added above and below the score's fraction, or a pair
            of numbers: above, and below.

    Raises:
        ValueError: If an option is out of range.
    """

    squared = False  # whether counts sum squares
    class_weights = None

    def __init__(
        self,
        *,
        from_logits,
        multi_label,
        ignore_class,
        include_background,
        batch,
        smooth,
        reduction,
        name,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        _check_smooth(smooth)
        require_flag(from_logits, "from_logits")
        require_flag(multi_label, "multi_label")
        require_flag(include_background, "include_background")
        require_flag(batch, "batch")
        require_class_or_none(ignore_class, "ignore_class")
        self.from_logits = from_logits
        self.multi_label = multi_label
        self.ignore_class = ignore_class
        self.include_background = include_background
        self.batch = batch
        self.smooth = smooth

    def score(self, shared, present, predicted):
        """Score of soft counts (B, C): see `mtvision.ops.overlap`.

        Returns:
            Tensor (B, C) or (B,); 1 where prediction and truth agree.
        """
        raise NotImplementedError

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        labels, weights = labels_and_weights(y_true)
        if self.multi_label:
            require_same_shape(labels, y_pred, self.name)
        else:
            labels = match_rank(labels, y_pred)
            check_samples(labels, y_pred)
            check_map_size(labels, y_pred, head="SegmentationHead")
        shares, labelled = class_shares(
            labels,
            y_pred,
            ignore_class=self.ignore_class,
            multi_label=self.multi_label,
        )
        counts = soft_overlap(
            shares,
            self._probabilities(y_pred),
            labelled,
            squared=self.squared,
            weights=weights,
        )
        losses = self._losses(counts, y_pred.shape[-1])
        has_label = any_in_sample(labelled)
        return ops.where(has_label, mean_per_sample(losses), 0.0)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds classes for such predictions."""
        labels, weights = labels_and_weights(y_true)
        if self.multi_label:
            check_map_size(labels, y_pred, head="SegmentationHead")
            require_same_shape(labels, y_pred, self.name)
            check_shares(labels)
            labels = labels[..., 0]
        else:
            check_class_maps(labels, y_pred, ignore_class=self.ignore_class)
        check_pixel_weights(weights, labels)

    def mark_strays(self, y_true, y_pred):
        """Returns the truth with classes beyond those of `y_pred` missing."""
        return y_true if self.multi_label else mark_strays(y_true, y_pred)

    def labelled(self, y_true):
        """Which samples have a labelled pixel: boolean (B,)."""
        return labelled_samples(y_true, ignore_class=self.ignore_class)

    def unlabel(self, y_true, labelled):
        """Takes the labels from samples, which then enter no count.

        Args:
            y_true: Truth, as for a call.
            labelled: Boolean tensor (B,), the samples that keep theirs.

        Returns:
            A truth of the same structure; unchanged unless `batch`.
        """
        if not self.batch:
            return y_true
        labels, weights = labels_and_weights(y_true)
        labels = mark_missing(labels, labelled)
        if weights is None:
            return labels
        return {"labels": labels, "weights": weights}

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "multi_label": self.multi_label,
            "ignore_class": self.ignore_class,
            "include_background": self.include_background,
            "batch": self.batch,
            "smooth": self.smooth,
        }

    def _probabilities(self, y_pred):
        if not self.from_logits:
            return y_pred
        return (
            ops.sigmoid(y_pred) if self.multi_label else probabilities(y_pred)
        )

    def _losses(self, counts, channels):
        """Losses (B, C) or (B,), or of one row for the whole batch."""
        first = 0 if self.include_background or channels == 1 else 1
        counts = [count[:, first:] for count in counts]
        if self.batch:
            counts = [ops.sum(x, axis=0, keepdims=True) for x in counts]
        losses = 1 - self.score(*counts)
        if self.class_weights is None:
            return losses
        number = channels if self.multi_label else max(channels, 2)
        factors = class_factors(self.class_weights, number, self.name)
        return losses * factors[-losses.shape[-1] :]


def _check_smooth(smooth):
    pair = smooth if isinstance(smooth, list | tuple) else (smooth, smooth)
    if len(pair) != 2:
        raise ValueError(
            "Expected smooth as a number of 0 or more, or a pair of such: "
            f"added above and below; received smooth={smooth}."
        )
    for number in pair:
        require_not_negative(number, "smooth")
