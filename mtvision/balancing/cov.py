"""Weights by how much a loss still varies."""

import keras
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import (
    floored_losses,
    masked_mean,
    masked_softmax,
)

# A loss that is more than this many times its mean counts as this many, so
# that its square stays far from the limits of float32.
LARGEST_RATIO = 1e6


@keras.saving.register_keras_serializable(package="mtvision")
class CoV(LossBalancer):
    """Coefficient of variation: weight for losses that still change.

    Each loss is divided by its mean so far. A weight is the standard deviation
    of that ratio over its mean, both since the first step, and the weights sum
    to 1 over the tasks that are there. They depend on the steps before this
    one. A task with fewer than two of these counts as the mean of the others;
    the first two steps have equal weights.

    Steps in which a task is absent do not count for it. A loss below 1e-12
    counts as 1e-12, a ratio above 1e6 as 1e6.

    Args:
        smoothing: As in `Balancer`.

    Example:

    >>> balancer = CoV()
    >>> for losses in ([1.0, 1.0], [0.5, 0.9], [0.25, 0.8]):
    ...     weights = balancer.weights(losses)
    >>> [round(float(w), 3) for w in weights]
    [0.864, 0.136]

    Reference:
        Groenendijk et al., Multi-Loss Weighting with Coefficient of
        Variations, 2021. As in the paper's code, 1e-8 is added to the
        variances. Trunk and heads get the weighted gradient, as there.
    """

    needs_positive_losses = True

    def build(self, num_tasks):
        """Creates the running means of `num_tasks` tasks."""
        super().build(num_tasks)
        self._count = self.add_state("count", (num_tasks,))
        self._mean_loss = self.add_state("mean_loss", (num_tasks,))
        self._mean_ratio = self.add_state("mean_ratio", (num_tasks,))
        self._variance = self.add_state("variance", (num_tasks,))

    def compute_weights(self, losses, _, active):
        """Returns the weights, and adds the losses to the means."""
        known = ops.logical_and(active, self._count >= 2)
        deviation = ops.sqrt(self._variance + 1e-8)
        variation = deviation / ops.maximum(self._mean_ratio, 1e-8)
        usual = masked_mean(variation, known)
        usual = ops.where(ops.any(known), usual, 1.0)
        variation = ops.where(known, variation, usual)
        self._record(floored_losses(losses, active), active)
        return masked_softmax(ops.log(variation), active)

    def _record(self, losses, active):
        count = self._count + 1.0
        mean_loss = ops.where(self._count > 0, self._mean_loss.value, losses)
        ratio = ops.minimum(losses / mean_loss, LARGEST_RATIO)
        mean_ratio = self._mean_ratio + (ratio - self._mean_ratio) / count
        spread = (ratio - self._mean_ratio) * (ratio - mean_ratio)
        variance = self._variance + (spread - self._variance) / count
        mean_loss = mean_loss + (losses - mean_loss) / count
        self.move_state(self._mean_loss, mean_loss, active)
        self.move_state(self._mean_ratio, mean_ratio, active)
        self.move_state(self._variance, variance, active)
        self.move_state(self._count, count, active)
