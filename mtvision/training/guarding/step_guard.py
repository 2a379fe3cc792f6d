"""Which steps are left out, so that the numbers of a model stay finite."""

import math

import keras
from keras import ops

from mtvision.training.guarding.step_counts import StepCounts
from mtvision.training.replicas import sum_over_replicas

CHOICES = (None, "mask", "skip", "raise")


class StepGuard:
    """Judges each training step by what it made of the model.

    A plain object, so that Keras does not track what it holds a second time.

    Args:
        model: The `MultiTaskModel`.
        tasks: The model's `CompiledTasks`.
        on_non_finite: As for `MultiTaskModel.compile`.
        by_gradients: Whether a method looks at each task's gradient.
        steps: Number of steps that are made at once.

    Attributes:
        counts: `StepCounts` of the present epoch.
        epoch: Its number, from 1.
        left_out: Rows of the table, of the epochs of `fit` before it.

    Raises:
        ValueError: If `on_non_finite` is none of the choices, or cannot be
            done.
    """

    def __init__(self, model, tasks, on_non_finite, *, by_gradients, steps=1):
        if on_non_finite not in CHOICES:
            raise ValueError(
                f"Expected on_non_finite as one of {CHOICES}, received "
                f"{on_non_finite!r}."
            )
        if on_non_finite == "raise" and steps > 1:
            raise ValueError(
                "on_non_finite='raise' can keep the model as it was before a "
                f"step only with steps_per_execution=1, received {steps}."
            )
        self.model, self.tasks = model, tasks
        self.on_non_finite = on_non_finite
        self.by_gradients = by_gradients
        self.masks = by_gradients and on_non_finite in (None, "mask")
        self.counts = StepCounts(tasks.losses)
        self.left_out, self.epoch = [], 0
        self.trackers = [loss.tracker for loss in tasks.losses.values()]

    def numbers(self):
        """What was counted in the present epoch, as `Numbers`."""
        if hasattr(self.model, "jax_state_sync"):
            self.model.jax_state_sync()  # The counts are in the compiled step.
        return self.counts.numbers()

    def rows(self):
        """The table, with what the present epoch has left out so far."""
        return self.left_out + self.numbers().rows(self.epoch)

    def unchecked_inputs(self):
        """Names of the inputs that are no error if they are not finite."""
        if self.on_non_finite not in ("mask", "skip"):
            return []
        return [tensor.name for tensor in self.model.inputs]

    def faults(self, numbers):
        """What keeps steps from being looked at, or made, at all.

        Args:
            numbers: The epoch's `Numbers`.

        Returns:
            List of sentences.
        """
        found = []
        if not numbers.steps and self.on_non_finite is not None:
            found.append(
                f"on_non_finite={self.on_non_finite!r} has no effect, as "
                f"{type(self.model).__name__}.train_step does not call that of "
                "MultiTaskModel."
            )
        optimizer = self.model.optimizer
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            scale = float(optimizer.dynamic_scale.value)
            if scale < 1:
                found.append(
                    "gradients are not finite, however small the losses are "
                    f"scaled (dynamic_scale {scale:g}): such steps change "
                    "nothing. Look for the task in float32."
                )
        return found

    def means_of_nothing(self, numbers):
        """Names of the logs that no step of an epoch has added to.

        Args:
            numbers: The epoch's `Numbers`.

        Returns:
            List of names of losses and metrics.
        """
        names = [m.name for m in self._of_tasks() if m.task in numbers.untaught]
        return names + ["loss"] * (numbers.skipped == numbers.steps)

    def logs(self, results=None):
        """What a step returns: a mean of nothing is NaN, not 0.

        Args:
            results: Dict of the model's results by name, or `None` if they
                are to be computed.

        Returns:
            Dict of scalars by name.
        """
        untaught, no_step = self.counts.untaught()
        place = {task: k for k, task in enumerate(self.counts.tasks)}
        empty = {m.name: untaught[place[m.task]] for m in self._of_tasks()}
        empty["loss"] = no_step
        results = results or self.model.get_metrics_result()
        return {
            name: ops.where(empty[name], math.nan, value)
            if name in empty
            else value
            for name, value in results.items()
        }

    def begin(self):
        """Forgets the step before; within the step."""
        for variable in self._of_step():
            variable.assign(ops.zeros_like(variable.value))

    def note(self, broken):
        """Takes down whose gradient was not finite; within the step.

        Args:
            broken: Bool tensor (T,).
        """
        self.counts.broken.assign(ops.cast(broken, "float32"))

    def state(self):
        """The variables that a step must leave finite."""
        model = self.model
        return [
            *model.trainable_variables,
            *model.non_trainable_variables,
            *model.optimizer.variables,
        ]

    def everything(self):
        """All variables that a step changes, but for the counts."""
        metrics = [m for m in self.model.metrics if m is not self.counts]
        return [*self.state(), *(v for m in metrics for v in m.variables)]

    def judge(self, before, *, is_finite=False):
        """Decides what of a step is taken back, and counts it; within it.

        Args:
            before: Dict of tensors by `id` of the variable: what `everything`
                was before the step.
            is_finite: Whether `state` is known to be finite.

        Returns:
            List of pairs: a bool scalar, and a list of the variables, each
            with its value from before the step, which it gets back where the
            scalar holds.
        """
        seen = ops.stack([tracker.step.value for tracker in self.trackers])
        seen = sum_over_replicas(seen)
        labelled = seen[:, 0] > 0
        bad = ops.logical_not(ops.isfinite(seen[:, 1]))
        if self._sees_gradients():
            bad = bad | (self.counts.broken.value > 0)
        bad = bad & labelled
        lost = self._is_lost(before, self.model.metrics[0].variables)
        lost = lost & ops.logical_not(ops.any(bad))  # else it is theirs
        if not is_finite:
            lost = lost | self._is_lost(before, self.state())
        no_label = ops.logical_not(ops.any(labelled))
        wrong = ops.any(bad)
        if self.masks:
            wrong = wrong & ops.all(bad | ops.logical_not(labelled))
        if self.on_non_finite == "skip":
            wrong = wrong | no_label
        skipped = wrong | lost
        other = lost & ops.logical_not(ops.any(bad))
        causes = ops.concatenate([bad, ops.stack([no_label, other])])
        taught = labelled & ops.logical_not(bad | skipped)
        self.counts.update_state(causes, taught, skipped)
        return [
            (undone, _known(before, variables))
            for undone, variables in self._taken_back(skipped, bad)
        ]

    def _is_lost(self, before, variables):
        """Whether variables are less finite than before, on any replica."""
        known = _known(before, variables)
        old, new = [value for _, value in known], [v.value for v, _ in known]
        lost = ops.cast(loses_finite(old, new), "float32")
        return sum_over_replicas(lost) > 0

    def _sees_gradients(self):
        """Whether a broken gradient is no matter of the scale of float16."""
        optimizer = self.model.optimizer
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        return self.by_gradients and not scaled

    def _of_tasks(self):
        return [*self.trackers, *self.tasks.metrics]

    def _of_step(self):
        return [*(t.step for t in self.trackers), self.counts.broken]

    def _taken_back(self, skipped, bad):
        total, *others = self.model.metrics
        of_task = {}
        if self.masks:
            of_task = {
                task: skipped | bad[place]
                for place, task in enumerate(self.tasks.losses)
            }
        found = [(skipped, [*self.state(), *total.variables])]
        for metric in others:
            if metric is not self.counts:
                task = getattr(metric, "task", None)
                found.append((of_task.get(task, skipped), metric.variables))
        return found


def _known(before, variables):
    """Variables with their values, but for those that the step has made."""
    return [(v, before[id(v)]) for v in variables if id(v) in before]


def loses_finite(before, after):
    """Whether numbers that were finite are so no more.

    Those that were not before, as a first extreme value, are as they should.

    Args:
        before: List of tensors.
        after: List of tensors of the same shapes and types.

    Returns:
        Bool scalar.

    Example:

    >>> before = [ops.array([1.0, float("inf")]), ops.array(3)]
    >>> bool(loses_finite(before, before))
    False
    >>> bool(loses_finite(before, [ops.array([float("nan"), 1.0]), before[1]]))
    True
    """
    flags = []
    for pair in _flat_by_type(zip(before, after)):
        finite, still = (ops.isfinite(tensor) for tensor in pair)
        flags.append(ops.any(finite & ops.logical_not(still)))
    return ops.any(ops.stack(flags)) if flags else ops.zeros((), "bool")


def _flat_by_type(pairs):
    """One tensor of all that have one type is looked at faster than many."""
    by_type = {}
    for old, new in pairs:
        kind = keras.backend.standardize_dtype(old.dtype)
        if "float" in kind:
            by_type.setdefault(kind, []).append((old, new))
    return [
        [
            ops.concatenate([ops.reshape(tensor, (-1,)) for tensor in column])
            for column in zip(*rows)
        ]
        for rows in by_type.values()
    ]
