"""Weights that train the geometric mean of the losses."""

import keras
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import (
    count_tasks,
    floored_losses,
    masked_mean,
)


@keras.saving.register_keras_serializable(package="mtvision")
class GLS(LossBalancer):
    """Geometric loss strategy: the gradient of the losses' geometric mean.

    A weight is `mean / (T * loss)` with the geometric mean of the losses of
    the T tasks that are there, so the weighted losses are all equal and their
    sum is that mean. The sum of the weights is free. A loss below 1e-12 counts
    as 1e-12.

    Args:
        smoothing: As in `Balancer`.

    Example:

    >>> [round(float(w), 3) for w in GLS().weights([4.0, 1.0])]
    [0.25, 1.0]

    Reference:
        Chennupati et al., MultiNet++: Multi-Stream Feature Aggregation and
        Geometric Loss Strategy for Multi-Task Learning, 2019. Trunk and heads
        get the weighted gradient, as there.
    """

    needs_positive_losses = True

    def compute_weights(self, losses, _, active):
        """Returns the derivatives of the geometric mean."""
        logs = ops.log(floored_losses(losses, active))
        mean = masked_mean(logs, active)
        return ops.exp(mean - logs) / count_tasks(active)
