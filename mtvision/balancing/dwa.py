"""Dynamic weight average: more weight to what falls slowly."""

import keras
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import (
    SMALLEST_LOSS,
    count_tasks,
    floored_losses,
    masked_softmax,
)
from mtvision.ops.option_checks import require_above_zero, require_count


@keras.saving.register_keras_serializable(package="mtvision")
class DWA(LossBalancer):
    """Weighs each task by how slowly its loss falls from epoch to epoch.

    The weights are T times the softmax of `ratio / temperature`, where the
    ratio is a task's mean loss in the last epoch over that in the epoch before
    it. They sum to the number of tasks that are there. Until a task has been
    seen in two epochs its ratio is 1.

    The size of a loss has no effect, only its course. Epochs in which a task
    is absent do not count for it. A mean below 1e-12 counts as 1e-12.

    Args:
        temperature: Number above 0: the larger, the more equal the weights.
        window: Steps that take the place of an epoch, counted for each task
            over the batches in which it is there. `None` for epochs, which
            `on_epoch_end` ends.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If `temperature` is not above 0, or `window` no count.

    Example:

    >>> balancer = DWA(window=1)
    >>> for losses in ([4.0, 1.0], [2.0, 1.0], [1.0, 1.0]):
    ...     weights = balancer.weights(losses)
    >>> [round(float(w), 3) for w in weights]
    [0.876, 1.124]

    Reference:
        Liu, Johns and Davison, End-to-End Multi-Task Learning with Attention,
        2019. Trunk and heads get the weighted gradient, as there. The windows
        follow one another, where those of Nash-MTL's code slide.
    """

    needs_positive_losses = True

    def __init__(self, *, temperature=2.0, window=None, **kwargs):
        super().__init__(**kwargs)
        require_above_zero(temperature, "temperature")
        if window is not None:
            require_count(window, 1, "window")
        self.temperature = temperature
        self.window = window

    def build(self, num_tasks):
        """Creates the means of `num_tasks` tasks."""
        super().build(num_tasks)
        self._mean = self.add_state("mean", (num_tasks,))
        self._count = self.add_state("count", (num_tasks,))
        self._last = self.add_state("last", (num_tasks,))
        self._before = self.add_state("before", (num_tasks,))
        self._finished = self.add_state("finished", (num_tasks,))

    def compute_weights(self, losses, _, active):
        """Returns the weights of this epoch, and adds to its means."""
        ratio = self._last / ops.maximum(self._before, SMALLEST_LOSS)
        ratio = ops.where(self._finished >= 2, ratio, 1.0)
        shares = masked_softmax(ratio / self.temperature, active)
        self._record(floored_losses(losses, active), active)
        return count_tasks(active) * shares

    def on_epoch_end(self, logs=None):
        """Ends an epoch, unless windows take its place."""
        if self.window is None:
            self._finish(self._count > 0)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "temperature": self.temperature,
            "window": self.window,
        }

    def _record(self, losses, active):
        count = self._count + 1.0
        mean = self._mean + (losses - self._mean) / count
        self.move_state(self._mean, mean, active)
        self.move_state(self._count, count, active)
        if self.window is not None:
            self._finish(self._count >= self.window)

    def _finish(self, where):
        """Moves the means on, of the tasks that `where` selects."""
        self.move_state(self._before, self._last.value, where)
        self.move_state(self._last, self._mean.value, where)
        self.move_state(self._mean, 0.0, where)
        self.move_state(self._count, 0.0, where)
        self._finished.assign(self._finished + ops.cast(where, "float32"))
