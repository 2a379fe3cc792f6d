"""GradDrop: one sign for each parameter, drawn at random."""

import keras
from keras import ops

from mtvision.balancing.jacobian_balancer import JacobianBalancer
from mtvision.ops.loss_weights import values_of
from mtvision.ops.option_checks import require_not_negative
from mtvision.ops.sign_dropout import keep_one_sign


@keras.saving.register_keras_serializable(package="mtvision")
class GradDrop(JacobianBalancer):
    """Gradient sign dropout.

    For each parameter the sign of its gradients is drawn, positive with the
    share that the positive ones have in the sum of absolute values; gradients
    of the other sign are dropped. What is left is summed.

    Args:
        leak: Share of each task's gradient, from 0 to 1, that is kept in any
            case: a number, a dict of one for each task by name, or a list in
            the order of the tasks.
        seed: Whole number that fixes the draws, or `None`.
        smoothing: As in `Balancer`; without effect, as all weights are 1.

    Raises:
        ValueError: If `leak` is out of its range, or there is not one for each
            task.

    Example:

    >>> [float(v) for v in GradDrop().direction([[1.0, -2.0], [3.0, -1.0]])]
    [4.0, -3.0]

    Reference:
        Chen et al., Just Pick a Sign: Optimizing Deep Multitask Models with
        Gradient Sign Dropout, 2020. There it acts on the gradients at the
        trunk's features, times the features' sign and summed over the batch;
        here, as in TorchJD, on the parameters. Heads get their own gradient.
    """

    def __init__(self, *, leak=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        for number in values_of(leak):
            require_not_negative(number, "leak")
            if number > 1:
                raise ValueError(
                    f"Expected leak of 1 at most, received {leak}."
                )
        self.leak = leak
        self.seed = seed
        self._generator = self.add_generator(seed)

    def build(self, num_tasks, num_parameters):
        """Puts the shares of `num_tasks` tasks in order."""
        super().build(num_tasks, num_parameters)
        self._leak = self.for_each_task(self.leak, "leak")

    def transform(self, gradients, losses, active):
        """Returns what is kept of the gradients, and ones."""
        draws = keras.random.uniform(
            (self.num_parameters,), seed=self._generator
        )
        leak = ops.reshape(
            ops.convert_to_tensor(self._leak, "float32"), (-1, 1)
        )
        rows = leak * gradients + (1 - leak) * keep_one_sign(gradients, draws)
        return rows, ops.ones((self.num_tasks,))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "leak": self.leak, "seed": self.seed}
