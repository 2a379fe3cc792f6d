"""Reversed Huber loss of depth."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.depth_errors import berhu
from mtvision.ops.option_checks import require_not_negative
from mtvision.tasks.depth.depth_loss import DepthLoss


@keras.saving.register_keras_serializable(package="mtvision")
class BerHuLoss(DepthLoss):
    """Absolute for small errors of depth, squared for large ones.

    `error` up to c, `(error ** 2 + c ** 2) / (2 c)` beyond, averaged over the
    measured pixels. c is a share of the largest error of the sample (in the
    paper of the batch, which would let a sample change the loss of others),
    and carries no gradient.

    Truth is metres (B, H, W) or (B, H, W, 1); pixels that are NaN, 0 or
    negative are not measured. Predictions are metres (B, H, W, 1).

    Args:
        threshold: c divided by the largest error; 0 gives the absolute error.

    Raises:
        ValueError: If the threshold is negative.

    Example:

    >>> import numpy as np
    >>> truth, depth = np.ones((1, 1, 2)), np.array([[[[1.0], [2.0]]]])
    >>> round(float(BerHuLoss()(truth, depth)), 3)  # (0 + 1.04 / 0.4) / 2
    1.3

    Reference:
        Laina et al., Deeper Depth Prediction with Fully Convolutional
        Residual Networks, 2016.
    """

    def __init__(
        self,
        *,
        threshold=0.2,
        reduction="sum_over_batch_size",
        name="berhu_loss",
    ):
        super().__init__(reduction=reduction, name=name)
        require_not_negative(threshold, "threshold")
        self.threshold = threshold

    def compare(self, truth, prediction, measured):
        """Returns the loss of each sample, (B,)."""
        errors = ops.where(measured, ops.abs(prediction - truth), 0.0)
        largest = ops.max(errors, axis=(1, 2), keepdims=True)
        threshold = ops.stop_gradient(self.threshold * largest)
        return masked_mean_per_sample(berhu(errors, threshold), measured)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "threshold": self.threshold}
