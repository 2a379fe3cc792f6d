"""Generalized Dice loss of segmentation maps."""

import keras
from keras import ops

from mtvision.losses.overlap_loss import OverlapLoss


@keras.saving.register_keras_serializable(package="mtvision")
class GeneralizedDice(OverlapLoss):
    """Dice over all classes at once, where rare classes count as the others.

    `1 - (2 sum w |A n B| + smooth) / (sum w (|A| + |B|) + smooth)` with soft
    counts, summed over the classes of a sample; w is one over the square of
    the number of pixels of the class, and for an absent class the largest w
    of the sample.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label or `ignore_class` count nowhere. Predictions are (B, H, W, C); with
    C = 1 they speak of class 1 against class 0.

    Args:
        from_logits: Whether predictions are logits, or probabilities.
        ignore_class: A class index that means "unlabelled", such as 255.
        include_background: Whether class 0 takes part. Without effect if
            C = 1.
        smooth: Number added above and below. It adds to weighted counts,
            which are small: a class of N pixels has a sum of about 2 / N.

    Raises:
        ValueError: If `smooth` is negative.

    Example:

    >>> truth = np.array([[[1, 0, 0, 0]]])
    >>> logits = 100.0 * np.eye(2)[[[[0, 0, 0, 0]]]]  # one pixel is missed
    >>> round(float(GeneralizedDice()(truth, logits)), 3)
    0.625

    Reference:
        Sudre et al., Generalised Dice Overlap, 2017. Equal to MONAI's
        `GeneralizedDiceLoss(softmax=True, to_onehot_y=True)` if `smooth` is
        its 1e-5; here the default is 0, since no large map bears more.
    """

    def __init__(
        self,
        *,
        from_logits=True,
        ignore_class=None,
        include_background=True,
        smooth=0.0,
        reduction="sum_over_batch_size",
        name="generalized_dice",
    ):
        super().__init__(
            from_logits=from_logits,
            ignore_class=ignore_class,
            include_background=include_background,
            smooth=smooth,
            reduction=reduction,
            name=name,
        )

    def score(self, shared, present, predicted):
        """Returns the score of each sample, (B,)."""
        weight = _weights(present)
        part = 2 * ops.sum(weight * shared, axis=-1) + self.smooth
        whole = ops.sum(weight * (present + predicted), axis=-1) + self.smooth
        # Nothing is weighed where no class is present.
        return ops.where(
            whole > 0, part / ops.where(whole > 0, whole, 1.0), 1.0
        )


def _weights(present):
    is_present = present > 0
    inverse = 1 / ops.square(ops.where(is_present, present, 1.0))
    weight = ops.where(is_present, inverse, 0.0)
    largest = ops.max(weight, axis=-1, keepdims=True)
    return ops.where(is_present, weight, largest)
