"""Random weights."""

import keras

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import masked_softmax


@keras.saving.register_keras_serializable(package="mtvision")
class RLW(LossBalancer):
    """Random loss weighting: the softmax of normal numbers, new each step.

    The weights sum to 1 over the tasks that are there, so the learning rate
    acts as with a mean of losses. The losses are not read.

    Args:
        seed: Whole number that fixes the draws, or `None`.
        smoothing: As in `Balancer`.

    Example:

    >>> weights = RLW(seed=0).weights([1.0, 2.0, 3.0])
    >>> round(float(sum(weights)), 3)
    1.0

    Reference:
        Lin et al., Reasonable Effectiveness of Random Weighting: A Litmus Test
        for Multi-Task Learning, 2022, with the normal distribution. Trunk and
        heads get the weighted gradient, as there.
    """

    def __init__(self, *, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self._generator = self.add_generator(seed)

    def compute_weights(self, losses, _, active):
        """Returns a draw."""
        draw = keras.random.normal((self.num_tasks,), seed=self._generator)
        return masked_softmax(draw, active)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "seed": self.seed}
