"""GradNorm: gradients of similar length, longer for tasks that lag."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.adam import adam_step
from mtvision.ops.gradient_norms import norm_balance_slope, relative_rates
from mtvision.ops.loss_weights import count_tasks, masked_softmax
from mtvision.ops.option_checks import require_above_zero, require_not_negative


@keras.saving.register_keras_serializable(package="mtvision")
class GradNorm(GradientBalancer):
    """Gradient normalization, by the tasks' rates of training.

    The weighted gradients' norms are drawn towards their mean, times how far
    a task's loss lags behind: its loss over its first one, over the mean of
    that, to the power of alpha. Adam moves logits; the weights are T times
    their softmax, for the T tasks that are there. The weights of a step are
    those from before its own move.

    The first loss of a task is that of the first batch in which it is there.
    Logits, and Adam's moments, of an absent task stay. A gradient of 0 is
    drawn to more weight.

    Args:
        alpha: Number, 0 or more: how much the rates count.
        learning_rate: Adam's, above 0.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `alpha` is below 0 or `learning_rate` is not above it,
            or no losses are given.

    Example:

    >>> method = GradNorm()
    >>> weights = method.weights(np.diag([1.0, 4.0]), losses=[1.0, 1.0])
    >>> weights = method.weights(np.diag([1.0, 4.0]), losses=[1.0, 1.0])
    >>> [round(float(w), 3) for w in weights]
    [1.025, 0.975]

    Reference:
        Chen et al., GradNorm: Gradient Normalization for Adaptive Loss
        Balancing, 2018. The weights are a softmax, as in LibMTL, for the
        paper's can become negative. The norms are those of the gradients that
        the Gram matrix is made of, not of the last shared layer's alone. Heads
        get their gradient times the weight, as there.
    """

    weighs_heads = True

    needs_positive_losses = True

    def __init__(self, *, alpha=1.5, learning_rate=0.025, **kwargs):
        super().__init__(**kwargs)
        require_not_negative(alpha, "alpha")
        require_above_zero(learning_rate, "learning_rate")
        self.alpha = alpha
        self.learning_rate = learning_rate

    def build(self, num_tasks):
        """Creates the logits of `num_tasks` tasks and the first losses."""
        super().build(num_tasks)
        self._logits = self.add_state("logits", (num_tasks,))
        self._moment = self.add_state("moment", (num_tasks,))
        self._square = self.add_state("square", (num_tasks,))
        self._count = self.add_state("count", (num_tasks,))
        self._first = self.add_state("first", (num_tasks,))

    def compute_weights(self, gram, losses, active):
        """Returns the weights, and then moves the logits."""
        if losses is None:
            raise ValueError(
                "GradNorm compares rates of training, but received no losses. "
                "Hand them over as losses."
            )
        losses = ops.cast(losses, "float32")
        unknown = self._count.value == 0
        self.move_state(self._first, losses, active & unknown)
        norms = ops.cast(ops.sqrt(ops.relu(ops.diagonal(gram))), "float32")
        weights = masked_softmax(self._logits.value, active)
        weights = count_tasks(active) * weights
        rates = relative_rates(losses, self._first.value, active)
        self._move(
            norm_balance_slope(weights, norms, rates**self.alpha, active),
            active,
        )
        return weights

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "learning_rate": self.learning_rate,
        }

    def _move(self, slope, active):
        count = self._count.value + 1.0
        step, moment, square = adam_step(
            slope,
            self._moment.value,
            self._square.value,
            count,
            learning_rate=self.learning_rate,
        )
        self.move_state(self._logits, self._logits.value - step, active)
        self.move_state(self._moment, moment, active)
        self.move_state(self._square, square, active)
        self.move_state(self._count, count, active)
