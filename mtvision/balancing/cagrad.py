"""CAGrad: near the mean gradient, the worst task improves most."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.option_checks import require_not_negative
from mtvision.ops.simplex import worst_average

RESCALES = (0, 1, 2)


@keras.saving.register_keras_serializable(package="mtvision")
class CAGrad(GradientBalancer):
    """Conflict-averse gradient descent.

    Of all directions whose distance from the mean gradient is at most c times
    the norm of that, the one in which the task that improves least improves
    most. Where an average of the gradients is 0 and none is better, the
    direction is 0: also if a task has a gradient of 0 that all others' gains
    would have to be weighed against.

    Args:
        c: Number, 0 or more; 0 gives the mean gradient. Below 1 a minimum of
            the mean loss is reached.
        rescale: What the direction is divided by: 0 for nothing, 1 for
            `1 + c ** 2`, 2 for `1 + c`.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `c` or `rescale` is out of its range.

    Example:

    >>> gram = np.array([[1.0, -0.8], [-0.8, 1.0]])
    >>> weights = CAGrad(c=0.4).weights(gram)
    >>> [round(float(w), 3) for w in weights]
    [0.7, 0.7]

    Reference:
        Liu et al., Conflict-Averse Gradient Descent for Multi-task Learning,
        2021; c is that of its NYUv2 experiment. The division by `1 + c ** 2`
        is in its code for that, not in the paper. Heads get their own
        gradient, as there.
    """

    def __init__(self, *, c=0.4, rescale=0, **kwargs):
        super().__init__(**kwargs)
        require_not_negative(c, "c")
        if rescale not in RESCALES:
            raise ValueError(
                f"Expected rescale as one of {RESCALES}, received {rescale!r}."
            )
        self.c = c
        self.rescale = rescale

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        mean = ops.cast(active, gram.dtype)
        mean = mean / ops.where(ops.any(active), ops.sum(mean), 1.0)
        if self.c == 0:
            return mean
        worst, norm = worst_average(gram, mean, self.c, active)
        square = ops.sum(mean[:, None] * gram * mean)
        length = self.c * ops.sqrt(ops.relu(square))
        share = length / ops.where(norm > 0, norm, 1.0)
        weights = ops.where(norm > 0, mean + share * worst, 0.0)
        return weights / (1, 1 + self.c**2, 1 + self.c)[self.rescale]

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "c": self.c, "rescale": self.rescale}
