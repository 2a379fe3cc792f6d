"""Dice loss of segmentation maps."""

import keras
from keras import ops

from mtvision.ops.averages import mean_per_sample
from mtvision.ops.labels import any_in_sample, is_labelled, match_rank
from mtvision.ops.overlap import probabilities, soft_overlap
from mtvision.ops.truth_checks import check_class_maps


@keras.saving.register_keras_serializable(package="mtvision")
class Dice(keras.losses.Loss):
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
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if smooth < 0:
            raise ValueError(f"Expected smooth >= 0, received smooth={smooth}.")
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.include_background = include_background
        self.squared = squared
        self.smooth = smooth

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        shared, present, predicted = soft_overlap(
            match_rank(y_true, y_pred),
            probabilities(y_pred) if self.from_logits else y_pred,
            ignore_class=self.ignore_class,
            squared=self.squared,
        )
        dice = ops.divide_no_nan(
            2 * shared + self.smooth, present + predicted + self.smooth
        )
        if not self.include_background and dice.shape[-1] > 1:
            dice = dice[:, 1:]
        return mean_per_sample(1 - dice)

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
            "squared": self.squared,
            "smooth": self.smooth,
        }
