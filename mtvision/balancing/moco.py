"""MoCo: the shortest average of remembered gradients, step by step."""

import keras
from keras import ops

from mtvision.balancing.jacobian_balancer import JacobianBalancer
from mtvision.ops.gradient_memory import mix_rows, unit_rows
from mtvision.ops.loss_weights import masked_softmax
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.simplex import share_of_active


@keras.saving.register_keras_serializable(package="mtvision")
class MoCo(JacobianBalancer):
    """Multi-objective gradient with correction.

    Keeps a running mean of each task's gradient, divided by its norm and times
    its loss, so that the noise of single batches averages out. The weights of
    the means move down the slope of their sum's squared length, through a
    softmax. What is kept of an absent task stays, and so do the weights' and
    the mean's number of steps.

    Args:
        beta: Share of the new gradient in the mean, above 0, at most 1.
        beta_decay: The share at step k is `beta / k ** beta_decay`.
        gamma: Length of the weights' step, above 0.
        gamma_decay: At step k it is `gamma / k ** gamma_decay`.
        rho: Number, 0 or more, added to the diagonal of the Gram matrix.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If an option is out of its range, or no losses are given.

    Example:

    >>> direction = MoCo().direction(2 * np.eye(2), losses=[1.0, 1.0])
    >>> [round(float(x), 3) for x in direction]
    [0.25, 0.25]

    Reference:
        Fernando et al., Mitigating Gradient Bias in Multi-objective Learning,
        2023, with the defaults of LibMTL, whose softmax it takes in place of a
        projection on the simplex. Heads get their own gradient.
    """

    needs_positive_losses = True

    def __init__(
        self,
        *,
        beta=0.5,
        beta_decay=0.5,
        gamma=0.1,
        gamma_decay=0.5,
        rho=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_above_zero(beta, "beta")
        require_above_zero(gamma, "gamma")
        others = beta_decay, gamma_decay, rho
        if beta > 1 or not all(0 <= x < float("inf") for x in others):
            raise ValueError(
                "Expected beta of at most 1, and beta_decay, gamma_decay and "
                f"rho of 0 or more, received {beta}, {beta_decay}, "
                f"{gamma_decay} and {rho}."
            )
        self.beta = beta
        self.beta_decay = beta_decay
        self.gamma = gamma
        self.gamma_decay = gamma_decay
        self.rho = rho

    def build(self, num_tasks, num_parameters):
        """Creates the means and weights of `num_tasks` gradients."""
        super().build(num_tasks, num_parameters)
        self._mean = self.add_state("mean", (num_tasks, num_parameters))
        self._steps = self.add_state("steps", (num_tasks,))
        self._share = self.add_state("share", (num_tasks,), 1.0 / num_tasks)

    def transform(self, gradients, losses, active):
        """Returns the running means and their weights."""
        if losses is None:
            raise ValueError(
                "MoCo multiplies by the losses, but received none. Hand them "
                "over as losses."
            )
        losses = ops.where(active, ops.cast(losses, "float32"), 0.0)
        rows = unit_rows(gradients) * losses[:, None]
        self.move_state(self._steps, self._steps.value + 1, active)
        steps = ops.where(active, self._steps.value, 1.0)
        share = self.beta / steps**self.beta_decay
        mean = mix_rows(self._mean.value, rows, share)
        self.move_state(self._mean, mean, active[:, None])
        mean = ops.where(active[:, None], mean, 0.0)
        return mean, self._move_weights(mean, steps, active)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "beta_decay": self.beta_decay,
            "gamma": self.gamma,
            "gamma_decay": self.gamma_decay,
            "rho": self.rho,
        }

    def _move_weights(self, mean, steps, active):
        share, total = share_of_active(self._share.value, active)
        slope = ops.matmul(mean, ops.matmul(share, mean)) + self.rho * share
        length = self.gamma / steps**self.gamma_decay
        moved = masked_softmax(share - length * slope, active)
        self.move_state(self._share, total * moved, active)
        return moved
