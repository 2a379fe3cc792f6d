"""Base of the methods whose scales the optimizer trains."""

import numbers

import keras
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer

# The scales stay between exp(-30) and exp(30), about 1e13: enough for losses
# from 1e-12 to 1e12.
LIMIT = 30.0


class LogScaleBalancer(LossBalancer):
    """One trainable number for each task, the logarithm of a scale.

    Args:
        initial: Number that all of them start from, from -30 to 30.
        smoothing: As in `Balancer`. It changes the weights, not how the
            scales are trained.
    """

    def __init__(self, *, initial=0.0, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(initial, numbers.Real) or not abs(initial) <= LIMIT:
            raise ValueError(
                f"Expected initial from {-LIMIT:g} to {LIMIT:g}, received "
                f"{initial!r}."
            )
        self.initial = initial

    def build(self, num_tasks):
        """Creates the scales of `num_tasks` tasks."""
        super().build(num_tasks)
        self.log_scale = self.state.add_weight(
            name="log_scale",
            shape=(num_tasks,),
            initializer=keras.initializers.Constant(self.initial),
            constraint=_limit,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "initial": self.initial}

    def _smooth(self, weights, active):
        """The smoothed value, with the gradient of what is not smoothed."""
        fixed = ops.stop_gradient(weights)
        return (weights - fixed) + super()._smooth(fixed, active)


def _limit(log_scale):
    return ops.clip(log_scale, -LIMIT, LIMIT)
