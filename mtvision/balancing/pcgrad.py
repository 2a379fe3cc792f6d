"""PCGrad: conflicting parts of gradients are projected away."""

import keras
from keras import ops

from mtvision.balancing.gradient_balancer import GradientBalancer
from mtvision.ops.surgery import turn_conflicting

ORDERS = ("random", "sequential")


@keras.saving.register_keras_serializable(package="mtvision")
class PCGrad(GradientBalancer):
    """Projecting conflicting gradients, pair by pair, then summing them.

    Each gradient meets those of the other tasks. Where their inner product
    is negative, it is projected on the plane at right angles to the other.
    A gradient of 0 conflicts with none, and gets the weight 1.

    Args:
        order: In which order a gradient meets the others: `"random"`, anew
            for each gradient in each step, or `"sequential"`, as the tasks
            come. With two tasks there is no difference.
        seed: Whole number that fixes the draws, or `None`.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `order` is none of these.

    Example:

    >>> gram = np.array([[1.0, -0.5], [-0.5, 1.0]])  # the tasks conflict
    >>> [float(v) for v in PCGrad().weights(gram)]
    [1.5, 1.5]

    Reference:
        Yu et al., Gradient Surgery for Multi-Task Learning, 2020. The
        projected gradients are summed, as in its algorithm; some
        implementations take their mean. Heads get their own gradient.
    """

    def __init__(self, *, order="random", seed=None, **kwargs):
        super().__init__(**kwargs)
        if order not in ORDERS:
            raise ValueError(
                f"Expected order as one of {ORDERS}, received {order!r}."
            )
        self.order = order
        self.seed = seed
        self._generator = self.add_generator(seed)

    def compute_weights(self, gram, losses, active):
        """Returns the weights."""
        order = self.draw_order()
        return turn_conflicting(gram, order, ops.zeros_like(gram))[0]

    def draw_order(self):
        """Integers (T, T): row i is the order in which i meets the others."""
        shape = (self.num_tasks, self.num_tasks)
        if self.order == "sequential":
            return ops.broadcast_to(ops.arange(self.num_tasks), shape)
        draws = keras.random.uniform(shape, seed=self._generator)
        return ops.argsort(draws, axis=1)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        config = super().get_config()
        return {**config, "order": self.order, "seed": self.seed}
