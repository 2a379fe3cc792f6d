"""Base of the methods that weigh by the gradients' inner products."""

import keras
import numpy as np
from keras import ops

from mtvision.balancing.balancer import Balancer, require_finite

LEVELS = ("features", "parameters")


class GradientBalancer(Balancer):
    """Weights from the Gram matrix (T, T) of the tasks' gradients.

    The direction of the shared parameters is the weighted sum of the
    gradients.

    Args:
        at: `"features"`: gradients are those of the feature maps at which the
            tasks part, so that a step passes the trunk once for all tasks;
            or `"parameters"`: those of the parameters that they share, as
            most papers have it, with a pass for each task.

    `compute_weights(gram, losses, active)` gets the matrix in the widest
    floating point type that the backend computes in, with zeros in the rows
    and columns of tasks that are not active.

    Example:

    >>> class Equal(GradientBalancer):
    ...     def compute_weights(self, gram, losses, active):
    ...         return 1 / keras.ops.sqrt(keras.ops.diagonal(gram))
    >>> [float(w) for w in Equal().weights(np.diag([4.0, 1.0]))]
    [0.5, 1.0]
    """

    # Whether a head's own gradient is multiplied by its task's weight too.
    weighs_heads = False
    remembers_gradients = False

    def __init__(self, *, at="features", **kwargs):
        super().__init__(**kwargs)
        if at not in LEVELS:
            raise ValueError(
                f"Expected at to be one of {LEVELS}, received {at!r}."
            )
        self.at = at

    def mix(self, stacks, gram, losses, active):
        """Weighs gradients and sums them.

        Args:
            stacks: List of tensors (T, N): the tasks' gradients of each
                shared tensor.
            gram: Tensor (T, T): their inner products, summed over the list.
            losses: Tensor (T,).
            active: Bool tensor (T,).

        Returns:
            List of tensors (N,), and the weights (T,).
        """
        weights = ops.stop_gradient(self.step(gram, losses, active))
        mixed = [
            ops.matmul(ops.cast(weights, stack.dtype), stack)
            for stack in stacks
        ]
        return mixed, weights

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "at": self.at}

    def step(self, values, losses=None, active=None):
        """As `Balancer.step`, of a Gram matrix (T, T)."""
        gram = ops.cast(values, widest_float())
        if active is not None:
            both = ops.logical_and(active[:, None], active)
            gram = ops.where(both, gram, 0.0)
        return super().step(gram, losses, active)

    def _checked(self, values):
        if values.ndim != 2 or values.shape[0] != values.shape[1]:
            raise ValueError(
                f"{type(self).__name__} expects a Gram matrix (T, T), received "
                f"shape {values.shape}. Of gradients (T, P) it is "
                "gradients @ gradients.T."
            )
        require_finite(values, "inner products")
        if not np.allclose(values, values.T, atol=1e-5 * np.abs(values).max()):
            raise ValueError(
                f"{type(self).__name__} expects a symmetric Gram matrix."
            )
        return ops.convert_to_tensor(values.astype("float64"))


def widest_float():
    """The type in which small systems of equations are solved.

    Returns:
        `"float64"`; on JAX `"float32"`, unless 64 bits are switched on.
    """
    widest = ops.convert_to_tensor(np.zeros((), "float64"))
    return keras.backend.standardize_dtype(widest.dtype)
