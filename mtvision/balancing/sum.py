"""The plain sum of gradients."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer


@keras.saving.register_keras_serializable(package="mtvision")
class Sum(GradientBalancer):
    """All gradients count as they are: the weights are 1.

    What training without balancing does, taken through the same steps as
    the other methods: to compare them with, and to see the gradients'
    cosines.

    Args:
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`; without effect here.

    Example:

    >>> [float(v) for v in Sum().weights(np.eye(3))]
    [1.0, 1.0, 1.0]
    """

    weighs_heads = True

    def compute_weights(self, gram, losses, active):
        """Returns ones."""
        return ops.ones((self.num_tasks,))
