"""DB-MTL: logarithms of losses, and gradients of equal length."""

import keras
from keras import ops

from mtvision.balancing.jacobian_balancer import JacobianBalancer
from mtvision.ops.gradient_memory import mix_rows, row_lengths
from mtvision.ops.loss_weights import floored_losses
from mtvision.ops.option_checks import require_not_negative, require_share


@keras.saving.register_keras_serializable(package="mtvision")
class DBMTL(JacobianBalancer):
    """Dual-balancing multi-task learning.

    Takes the gradients of the losses' logarithms, keeps a running mean of
    each, and sums the means after stretching all to the length of the longest.
    The mean of an absent task, and of a gradient of 0 that has no mean yet,
    stays as it is; such a mean of 0 gets the weight 0.

    Args:
        beta: Share of the old mean in the new one, from 0 to below 1; 0 for
            no memory.
        beta_decay: The share at step k is `beta / k ** beta_decay`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If an option is out of its range, or no losses are given.

    Example:

    >>> method = DBMTL(beta=0.0)
    >>> found = method.direction([[8.0, 0.0], [0.0, 2.0]], losses=[2.0, 1.0])
    >>> [float(v) for v in found]
    [4.0, 4.0]

    Reference:
        Lin et al., Dual-Balancing for Multi-Task Learning, 2023. There the
        heads get the gradient of the loss's logarithm; here their own, of the
        loss, which is that times the loss.
    """

    needs_positive_losses = True

    def __init__(self, *, beta=0.9, beta_decay=0.5, **kwargs):
        super().__init__(**kwargs)
        require_share(beta, "beta")
        require_not_negative(beta_decay, "beta_decay")
        self.beta = beta
        self.beta_decay = beta_decay

    def build(self, num_tasks, num_parameters):
        """Creates the running means of `num_tasks` gradients."""
        super().build(num_tasks, num_parameters)
        self._mean = self.add_state("mean", (num_tasks, num_parameters))
        self._steps = self.add_state("steps", (num_tasks,))

    def transform(self, gradients, losses, active):
        """Returns the running means, and what stretches them."""
        if losses is None:
            raise ValueError(
                "DBMTL takes logarithms of the losses, but received none. Hand "
                "them over as losses."
            )
        losses = ops.cast(losses, "float32")
        rows = gradients / floored_losses(losses, active)[:, None]
        self.move_state(self._steps, self._steps.value + 1, active)
        steps = ops.where(active, self._steps.value, 1.0)
        share = 1 - self.beta / steps**self.beta_decay
        mean = mix_rows(self._mean.value, rows, share)
        self.move_state(self._mean, mean, active[:, None])
        mean = ops.where(active[:, None], mean, 0.0)
        length = row_lengths(mean)
        exists = length > 0
        stretch = ops.max(length) / ops.where(exists, length, 1.0)
        return mean, ops.where(exists, stretch, 0.0)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "beta_decay": self.beta_decay,
        }
