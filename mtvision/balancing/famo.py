"""FAMO: all losses fall at the same rate, at the price of one."""

import keras
import numpy as np
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.adam import adam_step
from mtvision.ops.loss_weights import masked_softmax, values_of
from mtvision.ops.option_checks import require_above_zero, require_not_negative


@keras.saving.register_keras_serializable(package="mtvision")
class FAMO(LossBalancer):
    """Fast adaptive multi-task optimization: equal rates of improvement.

    With D a task's loss above its minimum, plus 1e-8, the weights are the
    softmax of `logits - log(D)`. They sum to 1 over the tasks that are there.
    Adam moves the logits towards the tasks whose log(D) fell less from one
    step to the next.

    How much it fell is seen in the losses of the next step, which belong to
    another batch. For that of the same batch, as in the paper, hand its losses
    after the optimizer's step to `observe`.

    The fall of a task that was absent is taken from the last batch in which it
    was there; the logits, and Adam's moments, of an absent task stay.

    Args:
        learning_rate: Adam's, above 0.
        weight_decay: Number, 0 or more, times which the logits are added to
            their gradient. Without noise in the losses it should be 0.
        minimum: The losses' lower bound: a number, a dict of one for each task
            by name, or a list in the order of the tasks. A loss below it
            counts as equal to it.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `learning_rate` is not above 0 or `weight_decay` is
            below it, or if there is not one `minimum` for each task.

    Example:

    >>> [round(float(w), 3) for w in FAMO().weights([0.5, 2.0])]
    [0.8, 0.2]

    Reference:
        Liu et al., FAMO: Fast Adaptive Multitask Optimization, 2023. Trunk and
        heads get the weighted gradient, as there. The next batch in place of a
        second pass over the same one is a deviation, which the paper's own
        code for the problem in two dimensions has too, where it makes no
        difference.
    """

    def __init__(
        self, *, learning_rate=0.025, weight_decay=1e-3, minimum=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        require_above_zero(learning_rate, "learning_rate")
        require_not_negative(weight_decay, "weight_decay")
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.minimum = minimum
        bounds = values_of(minimum)
        if not np.isfinite(bounds).all():
            raise ValueError(
                f"Expected minimum as finite numbers, received {minimum!r}."
            )
        self.needs_positive_losses = bool(np.min(bounds) >= 0)

    def build(self, num_tasks):
        """Creates the logits of `num_tasks` tasks and Adam's moments."""
        super().build(num_tasks)
        self._minimum = self.for_each_task(self.minimum, "minimum")
        self._logits = self.add_state("logits", (num_tasks,))
        self._moment = self.add_state("moment", (num_tasks,))
        self._square = self.add_state("square", (num_tasks,))
        self._count = self.add_state("count", (num_tasks,))
        self._previous = self.add_state("previous", (num_tasks,))
        self._waiting = self.add_state("waiting", (num_tasks,))

    def compute_weights(self, losses, _, active):
        """Returns the weights, after the logits have moved."""
        self.observe(losses, active)
        logs = self._log_excess(losses, active)
        self.move_state(self._previous, logs, active)
        self.move_state(self._waiting, 1.0, active)
        return masked_softmax(self._logits - logs, active)

    def observe(self, losses, active=None):
        """Moves the logits by what the last step has changed.

        Args:
            losses: Tensor (T,): the losses of the last step's batch, computed
                again after the optimizer's step. The losses of the next
                `step` then move nothing.
            active: Bool tensor (T,), as in `step`. `None` for all.
        """
        losses = ops.convert_to_tensor(losses, "float32")
        if active is None:
            active = ops.ones((self.num_tasks,), "bool")
        known = ops.logical_and(active, self._waiting > 0)
        fall = self._previous - self._log_excess(losses, active)
        fall = ops.where(known, fall, 0.0)
        shares = masked_softmax(self._logits.value, known)
        gradient = shares * (fall - ops.sum(shares * fall))
        self._move(gradient + self.weight_decay * self._logits, known)
        self.move_state(self._waiting, 0.0, known)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "learning_rate": self.learning_rate,
            "weight_decay": self.weight_decay,
            "minimum": self.minimum,
        }

    def _log_excess(self, losses, active):
        excess = ops.maximum(
            ops.subtract(losses, np.array(self._minimum, "float32")), 0.0
        )
        return ops.log(ops.where(active, excess + 1e-8, 1.0))

    def _move(self, gradient, known):
        count = self._count + 1.0
        step, moment, square = adam_step(
            gradient,
            self._moment,
            self._square,
            count,
            learning_rate=self.learning_rate,
        )
        self._logits.assign(self._logits - ops.where(known, step, 0.0))
        self.move_state(self._moment, moment, known)
        self.move_state(self._square, square, known)
        self.move_state(self._count, count, known)
