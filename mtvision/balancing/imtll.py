"""Weights that make all losses of equal size, trained."""

import keras
from keras import ops

from mtvision.balancing.log_scale_balancer import LogScaleBalancer


@keras.saving.register_keras_serializable(package="mtvision")
class IMTLL(LogScaleBalancer):
    """Impartial multi-task learning by losses: weights `exp(s)`, s trained.

    The sum of s is taken off the weighted sum of the losses, so that at the
    optimum each weighted loss is 1. The sum of the weights is free.

    The gradient of s is `weight * loss - 1`: large at first where a loss is.
    The optimizer's weight decay should leave s alone. A task whose loss is
    negative has no optimum: its weight grows until s reaches 30, the limit.
    An absent task keeps its s.

    Args:
        initial: What s starts from.
        smoothing: As in `Balancer`. It changes the weights, not how s is
            trained.

    Example:

    >>> [float(w) for w in IMTLL().weights([3.0, 0.1])]
    [1.0, 1.0]

    Reference:
        Liu et al., Towards Impartial Multi-Task Learning, 2021: the half of it
        that works on losses. Trunk and heads get the weighted gradient, as
        there. Ours is the limit of s.
    """

    def compute_weights(self, losses, _, active):
        """Returns the exponentials of s."""
        return ops.exp(self.log_scale)

    def penalty(self, active):
        """Returns minus the sum of s."""
        return -ops.sum(ops.where(active, self.log_scale.value, 0.0))
