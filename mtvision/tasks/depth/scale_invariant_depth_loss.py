"""Loss of depth that forgives a wrong scale."""

import keras
from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.depth_errors import log_depth
from mtvision.ops.option_checks import require_within
from mtvision.tasks.depth.depth_loss import DepthLoss


@keras.saving.register_keras_serializable(package="mtvision")
class ScaleInvariantDepthLoss(DepthLoss):
    """Squared errors of log depth, less a share of their squared mean.

    With d the difference of the natural logarithms at each measured pixel of
    a sample: `mean(d ** 2) - invariance * mean(d) ** 2`.

    Truth is metres (B, H, W) or (B, H, W, 1); pixels that are NaN, 0 or
    negative are not measured. Predictions are metres (B, H, W, 1); those
    below a millionth of a metre count as that, and carry no gradient.

    Args:
        invariance: Lambda of the paper: 0 is the squared error of log depth,
            1 does not change when all depths of the sample are scaled.

    Raises:
        ValueError: If the share is not from 0 to 1.

    Example:

    >>> import numpy as np
    >>> depth = np.array([[[[1.0], [2.0]]]])
    >>> loss = ScaleInvariantDepthLoss(invariance=1.0)
    >>> abs(round(float(loss(3 * depth, depth)), 4))
    0.0

    Reference:
        Eigen et al., Depth Map Prediction from a Single Image using a
        Multi-Scale Deep Network, 2014.
    """

    def __init__(
        self,
        *,
        invariance=0.5,
        reduction="sum_over_batch_size",
        name="scale_invariant_depth_loss",
    ):
        super().__init__(reduction=reduction, name=name)
        require_within(invariance, 0, 1, "invariance")
        self.invariance = invariance

    def compare(self, truth, prediction, measured):
        """Returns the loss of each sample, (B,)."""
        error = log_depth(prediction) - log_depth(truth)
        mean = masked_mean_per_sample(error, measured)
        squared = masked_mean_per_sample(ops.square(error), measured)
        return squared - self.invariance * ops.square(mean)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "invariance": self.invariance}
