"""Constant weights."""

import keras
import numpy as np
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import values_of


@keras.saving.register_keras_serializable(package="mtvision")
class StaticWeights(LossBalancer):
    """Weights that never change.

    They are taken as they are: their sum is free, and that of the others
    stays what it is where a task is absent.

    Args:
        constants: Dict of a number for each task by name, or a list of T
            numbers, in the order of the tasks.
        smoothing: As in `Balancer`; without effect here.

    Raises:
        ValueError: If there is not one finite number for each task.

    Example:

    >>> balancer = StaticWeights({"boxes": 1.0, "mask": 0.5})
    >>> [float(w) for w in balancer.weights([3.0, 0.1])]
    [1.0, 0.5]
    """

    def __init__(self, constants, **kwargs):
        super().__init__(**kwargs)
        self.constants = constants
        if not np.isfinite(values_of(constants)).all():
            raise ValueError(
                f"Expected finite constants, received {constants!r}."
            )

    def build(self, num_tasks):
        """Puts the constants of `num_tasks` tasks in order."""
        super().build(num_tasks)
        self._values = self.for_each_task(self.constants, "constants")

    def compute_weights(self, losses, _, active):
        """Returns the constants."""
        return ops.convert_to_tensor(self._values, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "constants": self.constants}
