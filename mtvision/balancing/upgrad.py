"""UPGrad: each gradient gives way to the others, then they are averaged."""

import keras
from keras import ops

from mtvision.balancing.preference_balancer import PreferenceBalancer
from mtvision.ops.bounded_quadratic import project_on_dual_cone


@keras.saving.register_keras_serializable(package="mtvision")
class UPGrad(PreferenceBalancer):
    """Unconflicting projection of gradients.

    Each gradient is projected on the directions that conflict with no task:
    those whose inner product with every gradient is 0 or more. The direction
    is the mean of the projections. A gradient of 0 conflicts with none and
    changes nothing; its task's weight is its preference.

    Args:
        preference: Dict of a number, 0 or more, for each task by name, or a
            list of them in the order of the tasks. `None` for one over the
            number of tasks that are there.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`. Smoothed weights may conflict.

    Raises:
        ValueError: If a preference is below 0, or there is not one for each
            task.

    Example:

    >>> gram = np.array([[1.0, -0.5], [-0.5, 1.0]])  # the tasks conflict
    >>> [float(v) for v in UPGrad().weights(gram)]
    [0.75, 0.75]

    Reference:
        Quinton and Rey, Jacobian Descent for Multi-Objective Optimization,
        2024. The projections are exact, without the regularisation of the
        authors' code. Heads get their own gradient.
    """

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        ones = ops.eye(self.num_tasks, dtype=gram.dtype)
        weights = project_on_dual_cone(gram, ones, active)
        return ops.sum(self.preferred(gram, active)[:, None] * weights, axis=0)
