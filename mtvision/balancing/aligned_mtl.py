"""Aligned-MTL: gradients are made orthogonal and equally long."""

import keras

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.spectra import aligned_weights

SCALES = ("min", "median", "rmse")


@keras.saving.register_keras_serializable(package="mtvision")
class AlignedMTL(GradientBalancer):
    """The sum of the orthogonal, equally long gradients nearest to the given.

    The principal components of the gradients are scaled to one length.
    Components that float32 cannot tell from 0 are left out, and so is a
    gradient of 0. Weights may be negative.

    Args:
        scale: The common length of the components: the root of the smallest
            eigenvalue of the Gram matrix (`"min"`), of the lower median
            (`"median"`) or of the mean (`"rmse"`).
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `scale` is none of these.

    Example:

    >>> weights = AlignedMTL().weights(np.diag([1.0, 4.0]))
    >>> [round(float(w), 3) for w in weights]
    [1.0, 0.5]

    Reference:
        Senushkin et al., Independent Component Alignment for Multi-Task
        Learning, 2023. The aligned gradients are summed, as in its code and in
        LibMTL; TorchJD takes their mean. Heads get their own gradient.
    """

    def __init__(self, *, scale="min", **kwargs):
        super().__init__(**kwargs)
        if scale not in SCALES:
            raise ValueError(
                f"Expected scale as one of {SCALES}, received {scale!r}."
            )
        self.scale = scale

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        return aligned_weights(gram, active, scale=self.scale)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "scale": self.scale}
