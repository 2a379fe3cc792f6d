"""DualProj: the mean gradient gives way to all tasks."""

import keras

from mtvision.balancing.preference_balancer import PreferenceBalancer
from mtvision.ops.bounded_quadratic import project_on_dual_cone


@keras.saving.register_keras_serializable(package="mtvision")
class DualProj(PreferenceBalancer):
    """The direction nearest to the mean gradient that conflicts with no task.

    Its inner product with every gradient is 0 or more. A gradient of 0
    conflicts with none and changes nothing; its task's weight is its
    preference.

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

    >>> gram = np.array([[1.0, -2.0], [-2.0, 9.0]])
    >>> weights = DualProj().weights(gram)
    >>> [round(float(w), 3) for w in weights]
    [1.0, 0.5]

    Reference:
        Lopez-Paz and Ranzato, Gradient Episodic Memory, 2017, where the
        current task's gradient is projected; for means of gradients: Quinton
        and Rey, Jacobian Descent, 2024. Exact, without regularisation. Heads
        get their own gradient.
    """

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        preferred = self.preferred(gram, active)
        return project_on_dual_cone(gram, preferred[None], active)[0]
