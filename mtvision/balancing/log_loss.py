"""Weights that train the sum of the losses' logarithms."""

import keras

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import floored_losses


@keras.saving.register_keras_serializable(package="mtvision")
class LogLoss(LossBalancer):
    """Weighs each task by one over its loss: `1 / loss`.

    The direction is the gradient of the sum of the losses' logarithms, so that
    the unit in which a loss is measured has no effect. The sum of the weights
    is free. A weight follows the loss of a single batch, which is noisy, and
    grows without end where a loss goes to 0: a loss below 1e-12 counts as
    1e-12. `smoothing` calms both.

    Args:
        smoothing: As in `Balancer`.

    Example:

    >>> [float(w) for w in LogLoss().weights([4.0, 0.125])]
    [0.25, 8.0]

    Reference:
        Chennupati et al., MultiNet++, 2019, whose geometric mean of losses has
        this direction; Navon et al., Multi-Task Learning as a Bargaining Game,
        2022, as the baseline "scale-invariant". Twice the optimum of
        `UncertaintyWeighting`. Trunk and heads get the weighted gradient.
    """

    needs_positive_losses = True

    def compute_weights(self, losses, _, active):
        """Returns the inverse losses."""
        return 1.0 / floored_losses(losses, active)
