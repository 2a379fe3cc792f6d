"""MGDA: the shortest average of the gradients."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.gram import row_norms
from mtvision.ops.loss_weights import floored_losses
from mtvision.ops.simplex import min_norm_average

NORMALIZATIONS = ("none", "l2", "loss", "loss+")


@keras.saving.register_keras_serializable(package="mtvision")
class MGDA(GradientBalancer):
    """Multiple-gradient descent: the shortest average of the gradients.

    Its inner product with each gradient is at least the square of its own
    length, so that all tasks improve, until an average of the gradients is 0.
    The weights are 0 or more and sum to 1.

    The shortest average leans to short gradients: a task whose gradient is 0
    gets the weight 1, and the trunk stands still. To divide the gradients by
    something first makes up for that; the weights are then those of the
    divided gradients, divided by the same, and sum to something else.

    Args:
        normalization: What each gradient is divided by first: `"none"`, its
            norm (`"l2"`), its task's loss (`"loss"`), or both (`"loss+"`).
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `normalization` is none of these, or losses are needed
            and not given.

    Example:

    >>> weights = MGDA().weights(np.diag([1.0, 3.0]))
    >>> [round(float(w), 3) for w in weights]
    [0.75, 0.25]

    Reference:
        Désidéri, Multiple-Gradient Descent Algorithm, 2012; Sener and Koltun,
        Multi-Task Learning as Multi-Objective Optimization, 2018. The shortest
        average is exact here, not found by Frank and Wolfe's method. Heads get
        their own gradient, as there.
    """

    def __init__(self, *, normalization="none", **kwargs):
        super().__init__(**kwargs)
        if normalization not in NORMALIZATIONS:
            raise ValueError(
                f"Expected normalization as one of {NORMALIZATIONS}, received "
                f"{normalization!r}."
            )
        self.normalization = normalization
        self.needs_positive_losses = "loss" in normalization

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        if self.normalization == "none":
            return min_norm_average(gram, active)
        size = self._sizes(gram, losses, active)
        return min_norm_average(gram / size[:, None] / size, active) / size

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "normalization": self.normalization}

    def _sizes(self, gram, losses, active):
        if self.normalization == "l2":
            return row_norms(gram)
        if losses is None:
            raise ValueError(
                f"MGDA(normalization={self.normalization!r}) divides by the "
                "losses, but received none. Hand them over as losses."
            )
        losses = ops.cast(floored_losses(losses, active), gram.dtype)
        return losses * row_norms(gram) if "+" in self.normalization else losses
