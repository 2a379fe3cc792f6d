"""What the losses that compare soft pixel counts have in common."""

import keras

from mtvision.ops.averages import mean_per_sample
from mtvision.ops.labels import any_in_sample, is_labelled, match_rank
from mtvision.ops.overlap import probabilities, soft_overlap
from mtvision.ops.truth_checks import check_class_maps


class OverlapLoss(keras.losses.Loss):
    """One minus a score of what truth and prediction share.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label or `ignore_class` count nowhere. Predictions are (B, H, W, C); with
    C = 1 they speak of class 1 against class 0.

    A subclass gives the score of each class, or of a sample, in `score`.

    Args:
        from_logits: Whether predictions are logits, or probabilities.
        ignore_class: A class index that means "unlabelled", or `None`.
        include_background: Whether class 0 counts. Without effect if C = 1.
        smooth: Number added above and below the score's fraction.

    Raises:
        ValueError: If `smooth` is negative.
    """

    squared = False  # whether `predicted` sums squared probabilities

    def __init__(
        self,
        *,
        from_logits,
        ignore_class,
        include_background,
        smooth,
        reduction,
        name,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if smooth < 0:
            raise ValueError(f"Expected smooth >= 0, received smooth={smooth}.")
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.include_background = include_background
        self.smooth = smooth

    def score(self, shared, present, predicted):
        """Score of soft counts (B, C): see `mtvision.ops.overlap`.

        Returns:
            Tensor (B, C) or (B,); 1 where prediction and truth agree.
        """
        raise NotImplementedError

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        counts = soft_overlap(
            match_rank(y_true, y_pred),
            probabilities(y_pred) if self.from_logits else y_pred,
            ignore_class=self.ignore_class,
            squared=self.squared,
        )
        if not self.include_background and y_pred.shape[-1] > 1:
            counts = (count[:, 1:] for count in counts)
        return mean_per_sample(1 - self.score(*counts))

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds classes for such predictions."""
        check_class_maps(y_true, y_pred, ignore_class=self.ignore_class)

    def labelled(self, y_true):
        """Which samples have a labelled pixel: boolean (B,)."""
        return any_in_sample(
            is_labelled(y_true, ignore_class=self.ignore_class)
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "ignore_class": self.ignore_class,
            "include_background": self.include_background,
            "smooth": self.smooth,
        }
