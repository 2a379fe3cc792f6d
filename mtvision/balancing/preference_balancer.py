"""Base of the methods that project a preferred sum of gradients."""

import numpy as np
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.loss_weights import values_of
from mtvision.ops.option_checks import require_not_negative


class PreferenceBalancer(GradientBalancer):
    """Reads `preference`: how much each task's gradient should count.

    Args:
        preference: Dict of a number, 0 or more, for each task by name, or a
            list of them in the order of the tasks. `None` for one over the
            number of tasks that are there.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If a preference is below 0.
    """

    def __init__(self, *, preference=None, **kwargs):
        super().__init__(**kwargs)
        if preference is not None:
            for number in values_of(preference):
                require_not_negative(number, "preference")
        self.preference = preference

    def build(self, num_tasks):
        """Puts the preferences of `num_tasks` tasks in order."""
        super().build(num_tasks)
        if self.preference is not None:
            self._preferred = self.for_each_task(self.preference, "preference")

    def preferred(self, gram, active):
        """What each gradient should count, (T,); 0 for absent tasks."""
        if self.preference is not None:
            weights = ops.cast(np.array(self._preferred), gram.dtype)
            return ops.where(active, weights, 0.0)
        count = ops.sum(ops.cast(active, gram.dtype))
        return ops.where(active, 1 / ops.where(count > 0, count, 1.0), 0.0)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "preference": self.preference}
