"""MoDo: the shortest average, from independent samples."""

import keras
from keras import ops

from mtvision.balancing.jacobian_balancer import JacobianBalancer
from mtvision.ops.option_checks import require_above_zero, require_not_negative
from mtvision.ops.simplex import project_on_simplex, share_of_active


@keras.saving.register_keras_serializable(package="mtvision")
class MoDo(JacobianBalancer):
    """Multi-objective gradient with double sampling.

    The weights of an average of gradients go one step down the slope of its
    squared length. The slope is the product of gradients from two independent
    parts of the batch, so that it is right on average; a third part gives the
    direction. The share of an absent task stays as it is.

    Args:
        gamma: Length of the weights' step, above 0.
        rho: Number, 0 or more: draws the weights towards equal ones.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `gamma` is not above 0, or `rho` is below it.

    Example:

    >>> parts = np.stack(3 * [np.diag([1.0, 2.0])])  # 3 parts of a batch
    >>> direction = MoDo(gamma=0.1).direction(parts)
    >>> [round(float(x), 3) for x in direction]
    [0.575, 0.85]

    Reference:
        Chen et al., Three-Way Trade-Off in Multi-Objective Learning, 2023,
        with the defaults of LibMTL. Heads get their own gradient.
    """

    num_batches = 3

    def __init__(self, *, gamma=1e-3, rho=0.1, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(gamma, "gamma")
        require_not_negative(rho, "rho")
        self.gamma = gamma
        self.rho = rho

    def build(self, num_tasks, num_parameters):
        """Creates the weights of `num_tasks` tasks."""
        super().build(num_tasks, num_parameters)
        self._share = self.add_state("share", (num_tasks,), 1.0 / num_tasks)

    def transform(self, gradients, losses, active):
        """Returns the third part's gradients and their weights."""
        first, second, third = gradients[0], gradients[1], gradients[2]
        share, total = share_of_active(self._share.value, active)
        slope = ops.matmul(first, ops.matmul(share, second)) + self.rho * share
        moved = project_on_simplex(share - self.gamma * slope, active)
        self.move_state(self._share, total * moved, active)
        return third, moved

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "gamma": self.gamma, "rho": self.rho}
