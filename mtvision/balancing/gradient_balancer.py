"""Base of the methods that weigh by the gradients' inner products."""

import keras
import numpy as np
from keras import ops

from mtvision.balancing.balancer import Balancer, require_finite


class GradientBalancer(Balancer):
    """Weights from the Gram matrix (T, T) of the tasks' gradients.

    The direction of the shared parameters is the weighted sum of the
    gradients.

    `compute_weights(gram, losses, active)` gets the matrix in the widest
    floating point type that the backend computes in, with zeros in the rows
    and columns of tasks that are not active.
    """

    # Whether a head's own gradient is multiplied by its task's weight too.
    weighs_heads = False

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
