"""Softmax of the inverse losses."""

import keras

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import floored_losses, masked_softmax
from mtvision.ops.option_checks import require_above_zero


@keras.saving.register_keras_serializable(package="mtvision")
class UWSO(LossBalancer):
    """Soft optimal uncertainty weighting: softmax of `1 / loss` over tau.

    The weights sum to 1 over the tasks that are there. A loss below 1e-12
    counts as 1e-12.

    Args:
        temperature: Number above 0, tau: the larger, the more equal the
            weights. To be tuned for each set of data.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `temperature` is not above 0.

    Example:

    >>> [round(float(w), 3) for w in UWSO().weights([1.0, 0.5])]
    [0.269, 0.731]

    Reference:
        Kirchdorfer et al., Analytical Uncertainty-Based Loss Weighting in
        Multi-Task Learning, 2024. Trunk and heads get the weighted gradient.
    """

    needs_positive_losses = True

    def __init__(self, *, temperature=1.0, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(temperature, "temperature")
        self.temperature = temperature

    def compute_weights(self, losses, _, active):
        """Returns the softmax."""
        inverse = 1.0 / floored_losses(losses, active)
        return masked_softmax(inverse / self.temperature, active)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "temperature": self.temperature}
