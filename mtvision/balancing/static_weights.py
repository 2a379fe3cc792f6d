"""Constant weights."""

import keras
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import require_one_for_each_task


@keras.saving.register_keras_serializable(package="mtvision")
class StaticWeights(LossBalancer):
    """Weights that never change.

    They are taken as they are: their sum is free, and that of the others
    stays what it is where a task is absent.

    Args:
        constants: List of T numbers, or dict of them, in the order of the
            tasks. The keys of a dict are for the reader: its values are taken
            in their order.
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
        if not ops.all(ops.isfinite(self._values())):
            raise ValueError(
                f"Expected finite constants, received {constants}."
            )

    def build(self, num_tasks):
        """Checks that there is a constant for each of `num_tasks` tasks."""
        super().build(num_tasks)
        require_one_for_each_task(self.constants, num_tasks, "constants")

    def compute_weights(self, losses, _, active):
        """Returns the constants."""
        return self._values()

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "constants": self.constants}

    def _values(self):
        constants = self.constants
        if isinstance(constants, dict):
            constants = constants.values()
        return ops.convert_to_tensor(list(constants), "float32")
