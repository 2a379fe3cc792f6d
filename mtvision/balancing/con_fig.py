"""ConFIG: the same cosine with all gradients."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.gram import cosines, machine_epsilon, product
from mtvision.ops.spectra import smallest_solution


@keras.saving.register_keras_serializable(package="mtvision")
class ConFIG(GradientBalancer):
    """Conflict-free inverse gradients.

    The direction has the same cosine with all gradients, and its length is the
    sum of the gradients' components along it. Weights may be negative.

    Where gradients are dependent, the nearest is taken to cosines that are
    equal; if that is 0, as of opposite gradients, so are the weights. A
    gradient of 0 changes nothing.

    Args:
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Example:

    >>> weights = ConFIG().weights(np.diag([1.0, 9.0]))
    >>> [round(float(w), 3) for w in weights]
    [2.0, 0.667]

    Reference:
        Liu et al., ConFIG: Towards Conflict-free Training of Physics Informed
        Neural Networks, 2025. Heads get their own gradient.
    """

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        cosine, norms = cosines(gram)
        there = ops.cast(ops.diagonal(cosine) > 0.5, gram.dtype)
        lengths = smallest_solution(cosine, there)[0] * there
        components = product(lengths, cosine)
        square = ops.sum(lengths * components)
        known = square > 64 * machine_epsilon(ops.dtype(gram))
        square = ops.where(known, square, 1.0)
        weights = lengths / norms * ops.sum(norms * components) / square
        return ops.where(known, weights, 0.0)
