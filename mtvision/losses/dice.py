"""Dice loss of segmentation maps."""

import keras

from mtvision.losses.overlap_loss import OverlapLoss
from mtvision.ops.option_checks import require_factors_or_none, require_flag
from mtvision.ops.overlap import overlap_ratio


@keras.saving.register_keras_serializable(package="mtvision")
class Dice(OverlapLoss):
    """One minus twice the shared part over the sum of both parts.

    `1 - (2 |A n B| + smooth) / (|A| + |B| + smooth)` with soft counts, for
    every class of every sample, then averaged over the classes.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label, `ignore_class` or an index beyond the classes count nowhere.
    Predictions are (B, H, W, C); with C = 1 they speak of class 1 against
    class 0. A dict of `labels` and `weights` (B, H, W) says how much each
    pixel counts.

    Args:
        from_logits: Whether predictions are logits, or probabilities.
        multi_label: Whether a pixel may belong to several classes: truth is
            (B, H, W, C) in {0, 1}, NaN or -1 where it is not known, and
            logits are taken through a sigmoid each.
        ignore_class: A class index that means "unlabelled", such as 255.
        include_background: Whether class 0 takes part in the mean. Without
            effect if C = 1.
        squared: Whether |B| sums squared probabilities (V-Net's form).
        jaccard: Whether to compare |A n B| with the union, `|A| + |B| -
            |A n B|`, as the IoU does.
        class_weights: `None`, or one factor a class (two if C = 1) for its
            loss; that of a background which is left out has no effect.
        batch: Whether to count over the batch, not in each sample: steadier
            if a class is rare. Samples without labels count nowhere; each
            other sample gets the loss of the batch.
        smooth: Number of pixels added above and below, or a pair: above, and
            below. A class that is absent and not predicted has a loss of 0,
            but 1 with a pair of 0 and more.

    Example:

    >>> import numpy as np
    >>> truth = np.array([[[0, 1], [1, 255]]])
    >>> logits = 100.0 * np.eye(2)[[[[0, 1], [1, 0]]]]
    >>> loss = Dice(ignore_class=255)
    >>> abs(round(float(loss(truth, logits)), 4))
    0.0

    Reference:
        Milletari et al., V-Net, 2016. The defaults equal MONAI's
        `DiceLoss(softmax=True, to_onehot_y=True)`, `multi_label` its
        `sigmoid`, and a pair `smooth` its `(smooth_nr, smooth_dr)`.
    """

    def __init__(
        self,
        *,
        from_logits=True,
        multi_label=False,
        ignore_class=None,
        include_background=True,
        squared=False,
        jaccard=False,
        class_weights=None,
        batch=False,
        smooth=1e-5,
        reduction="sum_over_batch_size",
        name="dice",
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
        require_flag(squared, "squared")
        require_flag(jaccard, "jaccard")
        self.squared = squared
        self.jaccard = jaccard
        require_factors_or_none(class_weights, "class_weights")
        self.class_weights = class_weights

    def score(self, shared, present, predicted):
        """Returns the Dice score of each class, (B, C)."""
        whole = present + predicted
        if self.jaccard:
            whole = 2 * (whole - shared)
        return overlap_ratio(2 * shared, whole, self.smooth)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "squared": self.squared,
            "jaccard": self.jaccard,
            "class_weights": self.class_weights,
        }
