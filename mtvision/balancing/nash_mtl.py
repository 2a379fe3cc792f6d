"""Nash-MTL: the direction as the outcome of a bargain."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.bargaining import fair_weights
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class NashMTL(GradientBalancer):
    """Nash's bargaining solution: the product of the gains is largest.

    Solves `gram w = 1 / w`. The direction has the norm sqrt(T) whatever the
    losses are, and is then shortened to `max_norm`; with two tasks it is the
    bisector of their gradients. The learning rate has to be tuned anew.

    Where gradients cancel there is no solution; the weights are then large,
    and the direction is near 0. A task whose gradient is 0 gets the weight 0.

    Args:
        max_norm: The largest norm of the direction, above 0, or `None`.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `max_norm` is not above 0.

    Example:

    >>> weights = NashMTL().weights(np.diag([4.0, 0.25]))
    >>> [round(float(w), 3) for w in weights]
    [0.354, 1.414]

    Reference:
        Navon et al., Multi-Task Learning as a Bargaining Game, 2022. The
        solution is exact in each step, where the authors' code takes up to 20
        steps of an approximation from the last one's. Heads get their gradient
        times the weight, as there.
    """

    weighs_heads = True

    def __init__(self, *, max_norm=1.0, **kwargs):
        super().__init__(**kwargs)
        if max_norm is not None:
            require_above_zero(max_norm, "max_norm")
        self.max_norm = max_norm

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        weights = fair_weights(gram, 1.0, active)
        if self.max_norm is None:
            return weights
        square = ops.sum(weights[:, None] * gram * weights)
        norm = ops.sqrt(ops.relu(square))
        too_long = norm > self.max_norm
        shorter = self.max_norm / ops.where(too_long, norm, 1.0)
        return ops.where(too_long, shorter, 1.0) * weights

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "max_norm": self.max_norm}
