"""GradVac: gradients keep the similarity that is usual for them."""

import keras
from keras import ops

from mtvision.balancing.pcgrad import PCGrad
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.surgery import turn_conflicting


@keras.saving.register_keras_serializable(package="mtvision")
class GradVac(PCGrad):
    """Gradient vaccine: as PCGrad, but up to the cosine that is usual.

    For each pair of tasks a running mean of the cosine is kept, 0 at first.
    Where the cosine is below it, as much of the other gradient is added as
    makes them equal; the first step is that of PCGrad. The means of pairs of
    which a task is absent, or has a gradient of 0, stay as they are.

    Args:
        decay: Share of the new cosine in the running mean, above 0, up to 1.
        order: As in `PCGrad`.
        seed: As in `PCGrad`.
        at: As in `GradientBalancer`.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `decay` or `order` is out of its range.

    Example:

    >>> gram = np.array([[1.0, -0.5], [-0.5, 1.0]])
    >>> [float(v) for v in GradVac().weights(gram)]
    [1.5, 1.5]

    Reference:
        Wang et al., Gradient Vaccine, 2021, with the decay 0.01 of the paper;
        LibMTL and TorchJD have 0.5. All shared parameters are one vector; the
        paper also tries one for each layer. Heads get their own gradient.
    """

    def __init__(self, *, decay=0.01, order="random", seed=None, **kwargs):
        super().__init__(order=order, seed=seed, **kwargs)
        require_above_zero(decay, "decay")
        if decay > 1:
            raise ValueError(f"Expected decay of 1 at most, received {decay}.")
        self.decay = decay

    def build(self, num_tasks):
        """Creates the running means of `num_tasks` tasks."""
        super().build(num_tasks)
        self._usual = self.add_state("usual", (num_tasks, num_tasks))

    def compute_weights(self, gram, losses, active):
        """Returns the weights, and moves the running means."""
        order, usual = self.draw_order(), self._usual.value
        weights, seen = turn_conflicting(gram, order, usual)
        exists = ops.diagonal(gram) > 0
        mean = usual + self.decay * (ops.cast(seen, "float32") - usual)
        mean = ops.clip(mean, -0.999, 0.999)
        self.move_state(self._usual, mean, exists[:, None] & exists)
        return weights

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "decay": self.decay}
