"""Tversky loss of segmentation maps."""

import keras

from mtvision.losses.overlap_loss import OverlapLoss
from mtvision.ops.option_checks import (
    require_factors_or_none,
    require_not_negative,
)
from mtvision.ops.overlap import overlap_ratio


@keras.saving.register_keras_serializable(package="mtvision")
class Tversky(OverlapLoss):
    """Dice with a say in what is worse: a false alarm or a miss.

    `1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth)` with soft counts
    of true positives, false positives and false negatives, for every class
    of every sample, then averaged over the classes. With `alpha` and `beta`
    of 0.5 it is the Dice loss, with 1 the Jaccard (IoU) loss.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label, `ignore_class` or an index beyond the classes count nowhere.
    Predictions are (B, H, W, C); with C = 1 they speak of class 1 against
    class 0. A dict of `labels` and `weights` (B, H, W) says how much each
    pixel counts.

    Args:
        alpha: Weight of false positives.
        beta: Weight of false negatives.
        from_logits: Whether predictions are logits, or probabilities.
        multi_label: Whether a pixel may belong to several classes: truth is
            (B, H, W, C) in {0, 1}, NaN or -1 where it is not known, and
            logits are taken through a sigmoid each.
        ignore_class: A class index that means "unlabelled", such as 255.
        include_background: Whether class 0 takes part in the mean. Without
            effect if C = 1.
        class_weights: `None`, or one factor a class (two if C = 1) for its
            loss; that of a background which is left out has no effect.
        batch: Whether to count over the batch, not in each sample: steadier
            if a class is rare. Samples without labels count nowhere; each
            other sample gets the loss of the batch.
        smooth: Number of pixels added above and below, or a pair: above, and
            below. A class that is absent and not predicted has a loss of 0,
            but 1 with a pair of 0 and more.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> truth = np.array([[[1, 1, 1, 0]]])
    >>> logits = 100.0 * np.eye(2)[[[[1, 1, 0, 0]]]]  # one pixel is missed
    >>> foreground = Tversky(include_background=False)
    >>> round(float(foreground(truth, logits)), 3)
    0.259

    Reference:
        Salehi et al., Tversky Loss Function for Image Segmentation, 2017,
        whose best weights are the defaults. Equal to MONAI's `TverskyLoss`.
    """

    def __init__(
        self,
        *,
        alpha=0.3,
        beta=0.7,
        from_logits=True,
        multi_label=False,
        ignore_class=None,
        include_background=True,
        class_weights=None,
        batch=False,
        smooth=1e-5,
        reduction="sum_over_batch_size",
        name="tversky",
    ):
        super().__init__(
            from_logits=from_logits,
            multi_label=multi_label,
            ignore_class=ignore_class,
            include_background=include_background,
            batch=batch,
            smooth=smooth,
            reduction=reduction,
            name=name,
        )
        require_not_negative(alpha, "alpha")
        require_not_negative(beta, "beta")
        require_factors_or_none(class_weights, "class_weights")
        self.class_weights = class_weights
        self.alpha = alpha
        self.beta = beta

    def score(self, shared, present, predicted):
        """Returns the Tversky index of each class, (B, C)."""
        wrong = self.alpha * (predicted - shared)
        missed = self.beta * (present - shared)
        return overlap_ratio(shared, shared + wrong + missed, self.smooth)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "beta": self.beta,
            "class_weights": self.class_weights,
        }
