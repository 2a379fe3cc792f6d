"""FairGrad: fair shares of the progress."""

import keras

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.bargaining import fair_weights
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class FairGrad(GradientBalancer):
    """Weights by which the tasks' gains are fair in the sense of alpha.

    Solves `gram w = w ** (-1 / alpha)`. With alpha 1 the gains are
    proportionally fair, as in Nash-MTL; the larger alpha is, the more the
    task that gains least counts. The size of the direction does not follow
    that of the losses, so the learning rate has to be tuned anew.

    Where gradients cancel there is no solution; the weights are then large,
    and the direction is near 0. A task whose gradient is 0 gets the weight 0.

    Args:
        alpha: Number above 0; made for 0.1 to 10.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `alpha` is not above 0.

    Example:

    >>> weights = FairGrad().weights(np.diag([4.0, 0.25]))
    >>> [round(float(w), 3) for w in weights]
    [0.5, 2.0]

    Reference:
        Ban and Ji, Fair Resource Allocation in Multi-Task Learning, 2024. The
        solution is exact. Heads get their gradient times the weight, as in the
        authors' code.
    """

    weighs_heads = True

    def __init__(self, *, alpha=1.0, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(alpha, "alpha")
        self.alpha = alpha

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        return fair_weights(gram, 1 / self.alpha, active)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "alpha": self.alpha}
