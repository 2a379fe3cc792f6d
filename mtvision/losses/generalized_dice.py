"""Generalized Dice loss of segmentation maps."""

import keras
from keras import ops

from mtvision.losses.overlap_loss import OverlapLoss
from mtvision.ops.overlap import overlap_ratio

_POWERS = {"square": 2, "simple": 1, "uniform": 0}


@keras.saving.register_keras_serializable(package="mtvision")
class GeneralizedDice(OverlapLoss):
    """Dice over all classes at once, where rare classes count as the others.

    `1 - (2 sum w |A n B| + smooth) / (sum w (|A| + |B|) + smooth)` with soft
    counts, summed over the classes of a sample; w is one over the square of
    the number of pixels of the class (see `weighting`), and for an absent
    class the largest w of the sample.

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
        include_background: Whether class 0 takes part. Without effect if
            C = 1.
        weighting: How w falls with the number N of pixels: `"square"` is
            1 / N ** 2, `"simple"` 1 / N, `"uniform"` 1.
        batch: Whether to count over the batch, not in each sample: steadier
            if a class is rare. Samples without labels count nowhere; each
            other sample gets the loss of the batch.
        smooth: Number added above and below, or a pair: above, and below. It
            adds to weighted counts, which are small: a class of N pixels has
            a sum of about 2 / N.

    Raises:
        ValueError: If `smooth` is negative, or `weighting` none of the three.

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
        multi_label=False,
        ignore_class=None,
        include_background=True,
        weighting="square",
        batch=False,
        smooth=0.0,
        reduction="sum_over_batch_size",
        name="generalized_dice",
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

        if weighting not in _POWERS:
            raise ValueError(
                f"Expected weighting as one of {sorted(_POWERS)}, received "
                f"weighting={weighting!r}."
            )
        self.weighting = weighting

    def score(self, shared, present, predicted):
        """Returns the score of each sample, (B,)."""
        weight = _weights(present, _POWERS[self.weighting])
        part = 2 * ops.sum(weight * shared, axis=-1)
        whole = ops.sum(weight * (present + predicted), axis=-1)
        return overlap_ratio(part, whole, self.smooth)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "weighting": self.weighting}


def _weights(present, power):
    if power == 0:
        return ops.ones_like(present)
    is_present = present > 0
    inverse = ops.where(is_present, present, 1.0) ** -power
    weight = ops.where(is_present, inverse, 0.0)
    largest = ops.max(weight, axis=-1, keepdims=True)
    return ops.where(is_present, weight, largest)
