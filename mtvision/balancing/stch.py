"""Smooth Tchebycheff: the task that is worst off counts most."""

import keras
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import (
    count_tasks,
    floored_losses,
    masked_softmax,
)
from mtvision.ops.option_checks import require_above_zero, require_count


@keras.saving.register_keras_serializable(package="mtvision")
class STCH(LossBalancer):
    """Smooth Tchebycheff: the gradient of a smooth maximum of the losses.

    With `warm_up`, as networks are trained: epochs 0 to `warm_up` train the
    sum of the losses' logarithms, with weights `1 / loss`. Epoch `warm_up`
    also takes each task's mean loss, which is called its nadir. From then on
    `T mu log(sum(exp(log(loss / nadir) / mu)))` is trained: a weight is
    `T softmax(log(loss / nadir) / mu) / loss`, the sum is free. A task without
    a nadir takes its first loss as one. A loss below 1e-12 counts as 1e-12.

    With `warm_up=None`, the plain form: `mu log(sum(exp(loss / (T mu))))` is
    trained, the weights sum to `1 / T`, and losses may have any sign.

    Absent tasks count neither in the sum nor in T.

    Args:
        mu: Number above 0: the smaller, the more the largest counts alone.
        warm_up: Number of epochs, which `on_epoch_end` ends, or `None`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `mu` is not above 0, or `warm_up` no count.

    Example:

    >>> weights = STCH(mu=1.0, warm_up=None).weights([1.0, 3.0])
    >>> [round(float(w), 3) for w in weights]
    [0.134, 0.366]

    Reference:
        Lin et al., Smooth Tchebycheff Scalarization for Multi-Objective
        Optimization, 2024; the form with a warm-up is that of LibMTL. Trunk
        and heads get the weighted gradient, as there. The preferences of the
        paper are equal here, its ideal point is 0.
    """

    def __init__(self, *, mu=1.0, warm_up=4, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(mu, "mu")
        if warm_up is not None:
            require_count(warm_up, 0, "warm_up")
        self.mu = mu
        self.warm_up = warm_up
        self.needs_positive_losses = warm_up is not None

    def build(self, num_tasks):
        """Creates the nadirs of `num_tasks` tasks."""
        super().build(num_tasks)
        self._epoch = self.add_state("epoch", ())
        self._nadir = self.add_state("nadir", (num_tasks,), 1.0)
        self._count = self.add_state("count", (num_tasks,))

    def compute_weights(self, losses, _, active):
        """Returns the derivatives of the smooth maximum."""
        count = count_tasks(active)
        if self.warm_up is None:
            return masked_softmax(losses / (count * self.mu), active) / count
        losses = floored_losses(losses, active)
        self._collect(losses, active)
        logs = ops.log(losses) - ops.log(self._nadir)
        shares = count * masked_softmax(logs / self.mu, active)
        return ops.where(self._epoch <= self.warm_up, 1.0, shares) / losses

    def on_epoch_end(self, logs=None):
        """Counts epochs."""
        self._epoch.assign(self._epoch + 1.0)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "mu": self.mu,
            "warm_up": self.warm_up,
        }

    def _collect(self, losses, active):
        late = ops.logical_and(self._epoch > self.warm_up, self._count == 0)
        chosen = ops.logical_or(self._epoch == self.warm_up, late)
        chosen = ops.logical_and(chosen, active)
        count = self._count + 1.0
        mean = self._nadir + (losses - self._nadir) / count
        self.move_state(self._nadir, mean, chosen)
        self.move_state(self._count, count, chosen)
