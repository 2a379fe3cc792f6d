"""Dice loss of segmentation maps."""

import keras
from keras import ops

from mtvision.losses.overlap_loss import OverlapLoss


@keras.saving.register_keras_serializable(package="mtvision")
class Dice(OverlapLoss):
    """One minus twice the shared part over the sum of both parts.

    `1 - (2 |A n B| + smooth) / (|A| + |B| + smooth)` with soft counts, for
    every class of every sample, then averaged over the classes.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label or `ignore_class` count nowhere. Predictions are (B, H, W, C); with
    C = 1 they speak of class 1 against class 0.

    Args:
        from_logits: Whether predictions are logits, or probabilities.
        ignore_class: A class index that means "unlabelled", such as 255.
        include_background: Whether class 0 takes part in the mean. Without
            effect if C = 1.
        squared: Whether |B| sums squared probabilities (V-Net's form).
        smooth: Number of pixels added above and below. A class that is
            absent and not predicted then has a loss of 0.

    Example:

    >>> import numpy as np
    >>> truth = np.array([[[0, 1], [1, 255]]])
    >>> logits = 100.0 * np.eye(2)[[[[0, 1], [1, 0]]]]
    >>> loss = Dice(ignore_class=255)
    >>> abs(round(float(loss(truth, logits)), 4))
    0.0

    Reference:
        Milletari et al., V-Net, 2016. The defaults equal MONAI's
        `DiceLoss(softmax=True, to_onehot_y=True)`.
    """

    def __init__(
        self,
        *,
        from_logits=True,
        ignore_class=None,
        include_background=True,
        squared=False,
        smooth=1e-5,
        reduction="sum_over_batch_size",
        name="dice",
    ):
        super().__init__(
            from_logits=from_logits,
            ignore_class=ignore_class,
            include_background=include_background,
            smooth=smooth,
            reduction=reduction,
            name=name,
        )
        self.squared = squared

    def score(self, shared, present, predicted):
        """Returns the Dice score of each class, (B, C)."""
        return ops.divide_no_nan(
            2 * shared + self.smooth, present + predicted + self.smooth
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "squared": self.squared}
