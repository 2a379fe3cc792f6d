"""SDMGrad: the shortest average near the mean, from independent samples."""

import keras
from keras import ops

from mtvision.balancing.jacobian_balancer import JacobianBalancer
from mtvision.ops.loss_weights import count_tasks, masked_mean
from mtvision.ops.option_checks import (
    require_above_zero,
    require_count,
    require_not_negative,
    require_share,
)
from mtvision.ops.simplex import project_on_simplex, share_of_active


@keras.saving.register_keras_serializable(package="mtvision")
class SDMGrad(JacobianBalancer):
    """Direction-oriented multi-objective gradient descent.

    Weights of an average of gradients take steps down the slope of its squared
    length and its product with the mean gradient. The products are of
    gradients from two independent parts of the batch, so that they are right
    on average; a third part gives the direction, the mean of that average and
    of the mean gradient. The share of an absent task stays as it is.

    Args:
        preference: Number, 0 or more: how much the mean gradient counts
            (lambda in the paper).
        steps: Number of steps of the weights.
        learning_rate: Their length, above 0.
        momentum: Share of the last step in the next, from 0 to below 1.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If an option is out of its range.

    Example:

    >>> parts = np.stack(3 * [np.diag([1.0, 1.0])])  # 3 parts of a batch
    >>> direction = SDMGrad().direction(parts)
    >>> [round(float(x), 3) for x in direction]
    [0.5, 0.5]

    Reference:
        Xiao et al., Direction-oriented Multi-objective Learning, 2023, with
        the steps of its code for NYUv2: 20 of length 10, momentum 0.5. Heads
        get their own gradient.
    """

    num_batches = 3

    def __init__(
        self,
        *,
        preference=0.3,
        steps=20,
        learning_rate=10.0,
        momentum=0.5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_count(steps, 1, "steps")
        require_above_zero(learning_rate, "learning_rate")
        require_not_negative(preference, "preference")
        require_share(momentum, "momentum")
        self.preference = preference
        self.steps = steps
        self.learning_rate = learning_rate
        self.momentum = momentum

    def build(self, num_tasks, num_parameters):
        """Creates the weights of `num_tasks` tasks."""
        super().build(num_tasks, num_parameters)
        self._share = self.add_state("share", (num_tasks,), 1.0 / num_tasks)

    def transform(self, gradients, losses, active):
        """Returns the third part's gradients and their weights."""
        products = ops.matmul(gradients[0], ops.transpose(gradients[1]))
        # Negative where two parts of a batch disagree.
        square = ops.abs(ops.diagonal(products)) + 1e-4
        size = masked_mean(ops.sqrt(square), active)
        products = products / ops.square(size)
        even = ops.cast(active, "float32") / count_tasks(active)
        share = self._descend(products, even, active)
        mixed = (share + self.preference * even) / (1 + self.preference)
        return gradients[2], mixed

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "preference": self.preference,
            "steps": self.steps,
            "learning_rate": self.learning_rate,
            "momentum": self.momentum,
        }

    def _descend(self, products, even, active):
        """Moves the weights, and returns them for the tasks that are there."""
        share, total = share_of_active(self._share.value, active)
        pull = self.preference * even

        def step(_, state):
            share, speed = state
            slope = ops.matmul(products, share + pull)
            speed = self.momentum * speed + slope
            moved = share - self.learning_rate * speed
            return project_on_simplex(moved, active), speed

        start = (share, ops.zeros_like(share))
        share, _ = ops.fori_loop(0, self.steps, step, start)
        self.move_state(self._share, total * share, active)
        return share
