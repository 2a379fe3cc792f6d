"""Dynamic task prioritization: more weight to what works badly."""

import keras
import numpy as np
from keras import ops

from mtvision.balancing.loss_balancer import LossBalancer
from mtvision.ops.loss_weights import floored_losses
from mtvision.ops.option_checks import require_not_negative, require_share

# The smallest indicator: a smaller one counts as this.
LOWEST = 1e-6


@keras.saving.register_keras_serializable(package="mtvision")
class DTP(LossBalancer):
    """Dynamic task prioritization: the focal loss of how well a task does.

    Each task has an indicator k from 0, bad, to 1, perfect, such as its
    accuracy, as a running mean. Its weight is `-(1 - k)^gamma log(k)`: the
    worse a task does, the more it counts. The sum of the weights is free, and
    each depends on its own task only. A k below 1e-6 counts as 1e-6.

    Indicators are read from the logs of each epoch, or handed to `observe`. A
    task without one has `exp(-loss / first)`, with the first loss that was
    seen of it, once a step.

    Args:
        indicators: Dict of names in the logs by task, such as
            `{"scene": "val_scene_accuracy"}`, or `None`. To be metrics from 0
            to 1. Epochs without a validation are passed over.
        gamma: Number, 0 or more: the larger, the less a good task counts.
        decay: Share of the running mean that stays, from 0 to below 1.
        smoothing: As in `Balancer`.

    Raises:
        ValueError: If an option is out of its range.

    Example:

    >>> balancer = DTP(gamma=1.0)
    >>> balancer.build(2)
    >>> balancer.observe([0.5, 0.9])
    >>> [round(float(w), 3) for w in balancer.weights([1.0, 2.0])]
    [0.347, 0.011]

    Reference:
        Guo et al., Dynamic Task Prioritization for Multitask Learning, 2018:
        its weights of tasks, without those of samples. Trunk and heads get the
        weighted gradient, as there. The indicator from losses is ours.
    """

    needs_positive_losses = True

    def __init__(self, *, indicators=None, gamma=1.0, decay=0.9, **kwargs):
        super().__init__(**kwargs)
        self.indicators = indicators
        require_not_negative(gamma, "gamma")
        require_share(decay, "decay")
        self.gamma = gamma
        self.decay = decay

    def build(self, num_tasks):
        """Creates the indicators of `num_tasks` tasks."""
        super().build(num_tasks)
        unknown = set(self.indicators or ()) - set(self.task_names or ())
        if unknown and self.task_names is not None:
            raise ValueError(
                f"Expected indicators of the tasks {self.task_names}, "
                f"received some of {sorted(unknown)}."
            )
        self._first = self.add_state("first", (num_tasks,))
        self._indicator = self.add_state("indicator", (num_tasks,), 1.0)
        self._observed = self.add_state("observed", (num_tasks,))

    def compute_weights(self, losses, _, active):
        """Returns the weights, after the indicators have moved."""
        losses = floored_losses(losses, active)
        is_new = self._first == 0
        first = ops.where(is_new, losses, self._first.value)
        self.move_state(self._first, first, active)
        derived = ops.logical_and(active, self._observed == 0)
        self._average(ops.exp(-losses / first), derived, is_new)
        indicator = self._indicator.value
        return -ops.power(1 - indicator, self.gamma) * ops.log(indicator)

    def observe(self, indicators, active=None):
        """Takes indicators of how well the tasks do.

        To be called outside of compiled code.

        Args:
            indicators: Array (T,), from 0 to 1.
            active: Bool array (T,): which tasks have one. `None` for all.

        Raises:
            ValueError: If an indicator is out of its range.
        """
        indicators = np.asarray(indicators, "float32")
        if active is None:
            active = np.ones((self.num_tasks,), "bool")
        bad = active & ~((indicators >= 0) & (indicators <= 1))
        if bad.any():
            raise ValueError(
                "Expected indicators from 0 to 1, received "
                f"{indicators[bad][0]} for task {int(np.argmax(bad))}. Scores "
                "in percent are to be divided by 100."
            )
        active = ops.convert_to_tensor(active, "bool")
        self._average(indicators, active, self._observed == 0)
        self.move_state(self._observed, 1.0, active)

    def on_epoch_end(self, logs=None):
        """Reads the indicators from the logs of an epoch of a model."""
        if not self.indicators or self.task_names is None:
            return
        missing = [n for n in self.indicators.values() if n not in logs]
        if missing and _is_only_validation_missing(missing, logs):
            return
        if missing:
            raise ValueError(
                f"DTP reads {missing} from the logs of an epoch, which hold "
                f"only {sorted(logs)}. Give the task that metric, or `fit` "
                "the validation data."
            )
        values = np.ones((self.num_tasks,))
        for task, name in self.indicators.items():
            values[self.task_names.index(task)] = logs[name]
        known = [task in self.indicators for task in self.task_names]
        # NaN says that the epoch has not measured it.
        known = np.array(known) & np.isfinite(values)
        self.observe(np.where(known, values, 1.0), known)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "indicators": self.indicators,
            "gamma": self.gamma,
            "decay": self.decay,
        }

    def _average(self, values, where, is_first):
        values = ops.clip(values, LOWEST, 1.0)
        old = ops.where(is_first, values, self._indicator.value)
        mean = self.decay * old + (1 - self.decay) * values
        self.move_state(self._indicator, mean, where)


def _is_only_validation_missing(missing, logs):
    validated = any(name.startswith("val_") for name in logs)
    return not validated and all(n.startswith("val_") for n in missing)
