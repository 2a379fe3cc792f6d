"""Weights from a trained uncertainty of each task."""

import keras
import numpy as np
from keras import ops

from mtvision.balancing.log_scale_balancer import LogScaleBalancer
from mtvision.ops.loss_weights import values_of

# What the inverse variance is multiplied by.
FACTORS = {"regression": 0.5, "classification": 1.0}


@keras.saving.register_keras_serializable(package="mtvision")
class UncertaintyWeighting(LogScaleBalancer):
    """Weighs each task by the inverse of a variance that is trained with it.

    With s the logarithm of a task's variance, the weight of its loss is
    `exp(-s) / 2` for a regression and `exp(-s)` for a classification, and
    `s / 2` is added to the sum. At the optimum of s a regression has the
    weight `1 / (2 loss)`, a classification `1 / (2 loss)` as well; the total
    may be negative.

    The sum of the weights is free. The weighted sum of the losses trains s,
    so the optimizer's weight decay should leave it alone. A task whose loss is
    negative has no optimum: its weight grows until s reaches -30, the limit.
    An absent task keeps its s.

    Args:
        form: `"regression"` or `"classification"`, or a dict of these by name
            of the task, or a list in the order of the tasks. A regression's
            loss is a squared error, a classification's a cross-entropy.
        initial: What s starts from.
        smoothing: As in `Balancer`. It changes the weights, not how s is
            trained.

    Raises:
        ValueError: If a form is none of the two, or if there is not one for
            each task.

    Example:

    >>> balancer = UncertaintyWeighting(form=["regression", "classification"])
    >>> [float(w) for w in balancer.weights([3.0, 0.1])]
    [0.5, 1.0]

    Reference:
        Kendall, Gal and Cipolla, Multi-Task Learning Using Uncertainty to
        Weigh Losses for Scene Geometry and Semantics, 2018. Trunk and heads
        get the weighted gradient, as there. Ours is the limit of s.
    """

    def __init__(self, *, form="regression", **kwargs):
        super().__init__(**kwargs)
        self.form = form
        for each in values_of(form):
            if each not in FACTORS:
                raise ValueError(
                    f"Expected form as one of {list(FACTORS)}, or a list of "
                    f"these, received {form!r}."
                )

    def build(self, num_tasks):
        """Creates s for `num_tasks` tasks."""
        super().build(num_tasks)
        forms = self.for_each_task(self.form, "form")
        self._factors = np.array([FACTORS[form] for form in forms], "float32")

    def compute_weights(self, losses, _, active):
        """Returns the inverse variances."""
        return ops.multiply(self._factors, ops.exp(-self.log_scale))

    def penalty(self, active):
        """Returns half the sum of s."""
        return 0.5 * ops.sum(ops.where(active, self.log_scale.value, 0.0))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "form": self.form}
