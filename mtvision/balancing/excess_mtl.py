"""ExcessMTL: weights by how far each loss is from its minimum."""

import keras
from keras import ops

from mtvision.balancing.jacobian_balancer import JacobianBalancer
from mtvision.ops.loss_weights import count_tasks, masked_softmax
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class ExcessMTL(JacobianBalancer):
    """Robust multi-task learning with excess risks.

    How far a loss is above the least that noise in the labels allows is
    estimated from its gradient and the sum of the squared gradients so far.
    Weights grow with the exponential of that, relative to its first value;
    they sum to the number of tasks that are there. The first step is the sum.
    What is kept of an absent task stays. A gradient of 0 has no excess.

    Args:
        learning_rate: How fast the weights grow, above 0.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `learning_rate` is not above 0.

    Example:

    >>> [float(v) for v in ExcessMTL().direction([[1.0, 0.0], [0.0, 2.0]])]
    [1.0, 2.0]

    Reference:
        He et al., Robust Multi-Task Learning with Excess Risks, 2024; step
        length and scale as in LibMTL. Heads get their gradient times the
        weight, as there.
    """

    weighs_heads = True

    def __init__(self, *, learning_rate=0.01, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(learning_rate, "learning_rate")
        self.learning_rate = learning_rate

    def build(self, num_tasks, num_parameters):
        """Creates the sums of `num_tasks` squared gradients."""
        super().build(num_tasks, num_parameters)
        self._squares = self.add_state("squares", (num_tasks, num_parameters))
        self._first = self.add_state("first", (num_tasks,))
        self._logits = self.add_state("logits", (num_tasks,))

    def transform(self, gradients, losses, active):
        """Returns the gradients and their weights."""
        squares = self._squares.value + ops.square(gradients)
        self._squares.assign(squares)  # absent tasks add 0
        excess = ops.sum(
            ops.square(gradients) / ops.sqrt(squares + 1e-7), axis=1
        )
        first = self._first.value
        known = first > 0
        grown = ops.where(known, excess / ops.where(known, first, 1.0), 0.0)
        logits = self._logits.value + self.learning_rate * grown
        self.move_state(self._logits, logits, active & known)
        self.move_state(self._first, excess, active & ~known)
        weights = masked_softmax(self._logits.value, active)
        return gradients, count_tasks(active) * weights

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "learning_rate": self.learning_rate}
