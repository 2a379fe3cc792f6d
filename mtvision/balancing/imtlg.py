"""IMTL-G: the direction has the same component along all gradients."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.gram import cosines, machine_epsilon
from mtvision.ops.spectra import equal_projections


@keras.saving.register_keras_serializable(package="mtvision")
class IMTLG(GradientBalancer):
    """Impartial multi-task learning, its part for gradients.

    The direction's component along each gradient is the same. The weights sum
    to 1 and may be negative. Where gradients are dependent, the shortest
    weights that come closest are taken; where these sum to 0, the direction is
    0. A task whose gradient is 0 gets the weight 0.

    Args:
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Example:

    >>> weights = IMTLG().weights(np.diag([1.0, 9.0]))
    >>> [round(float(w), 3) for w in weights]
    [0.75, 0.25]

    Reference:
        Liu et al., Towards Impartial Multi-task Learning, 2021. Heads get
        their own gradient, as there.
    """

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        weights = equal_projections(gram, *cosines(gram), active)
        total, size = ops.sum(weights), ops.sum(ops.abs(weights))
        known = ops.abs(total) > 64 * machine_epsilon(ops.dtype(gram)) * size
        return ops.where(known, weights / ops.where(known, total, 1.0), 0.0)
