"""Absolute errors of depth."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.tasks.depth.depth_loss import DepthLoss


@keras.saving.register_keras_serializable(package="mtvision")
class DepthL1Loss(DepthLoss):
    """Absolute error of every measured pixel, averaged over them.

    The loss of depth of most comparisons of multi-task methods on NYUv2 and
    Cityscapes.

    Truth is metres (B, H, W) or (B, H, W, 1); pixels that are NaN, 0 or
    negative are not measured. Predictions are metres (B, H, W, 1).

    Example:

    >>> import numpy as np
    >>> truth, depth = np.array([[[2.0, np.nan]]]), np.ones((1, 1, 2, 1))
    >>> float(DepthL1Loss()(truth, depth))
    1.0

    Reference:
        Liu et al., End-to-End Multi-Task Learning with Attention, 2019.
        There the mean is over the pixels of a batch; here samples weigh
        alike.
    """

    def __init__(
        self, *, reduction="sum_over_batch_size", name="depth_l1_loss"
    ):
        super().__init__(reduction=reduction, name=name)

    def compare(self, truth, prediction, measured):
        """Returns the loss of each sample, (B,)."""
        return masked_mean_per_sample(ops.abs(prediction - truth), measured)
