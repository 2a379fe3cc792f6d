"""How many steps of an epoch were left out, and why."""

import dataclasses

import keras
import numpy as np
from keras import ops

from mtvision.training.replicas import count_replicas

NO_LABEL = "no label"
OTHER = "other"


@dataclasses.dataclass
class Numbers:
    """What was counted.

    Attributes:
        steps: Number of steps.
        skipped: Number of those that were left out as a whole.
        causes: Dict by cause: number of steps, and which of them was the
            first, from 1.
        untaught: List of the tasks of which nothing was left.
    """

    steps: int
    skipped: int
    causes: dict
    untaught: list


class StepCounts(keras.metrics.Metric):
    """Counts steps by what was wrong with them; logs nothing.

    What is wrong is a task, whose loss or gradient was not finite, that there
    was no label of any task, or any other number of the model that would not
    be finite any more.

    Args:
        tasks: Names of the T tasks that have a loss.

    Attributes:
        broken: Variable (T,): 1 for a task whose gradient was not finite in
            this step.
    """

    def __init__(self, tasks, name="left_out_steps"):
        super().__init__(name=name, dtype="float32")
        self.tasks = list(tasks)
        self.causes = [*self.tasks, NO_LABEL, OTHER]
        size = (len(self.causes),)
        self.steps = self.add_variable((), "zeros", name="steps")
        self.skipped = self.add_variable((), "zeros", name="skipped")
        self.taught = self.add_variable((len(tasks),), "zeros", name="taught")
        self.counts = self.add_variable(size, "zeros", name="counts")
        self.first = self.add_variable(size, "zeros", name="first")
        self.broken = self.add_variable((len(tasks),), "zeros", name="broken")

    def update_state(self, causes, taught, skipped):
        """Counts one step.

        Args:
            causes: Bool tensor (T + 2,): what was wrong.
            taught: Bool tensor (T,): tasks whose labels count.
            skipped: Bool scalar: whether the whole step was left out.
        """
        # Keras sums what all replicas have counted.
        share = 1.0 / count_replicas()
        causes = ops.cast(causes, "float32")
        self.steps.assign_add(share)
        is_first = causes * ops.cast(ops.equal(self.first.value, 0), "float32")
        self.first.assign_add(is_first * self.steps.value)
        self.counts.assign_add(causes * share)
        self.taught.assign_add(ops.cast(taught, "float32") * share)
        self.skipped.assign_add(ops.cast(skipped, "float32") * share)

    def result(self):
        """An empty dict: the callback tells, where there is anything."""
        return {}

    def reset_state(self):
        """Does nothing: validation within an epoch must not reset it."""

    def clear(self):
        """Forgets everything; not to be called in compiled code."""
        super().reset_state()

    def numbers(self):
        """What was counted, as `Numbers`."""
        values = {
            variable.name: _on_host(variable)
            for variable in (
                self.steps,
                self.skipped,
                self.taught,
                self.counts,
                self.first,
            )
        }
        pairs = zip(values["counts"], values["first"])
        causes = {
            cause: (int(count), int(first))
            for cause, (count, first) in zip(self.causes, pairs)
            if count
        }
        skipped = int(values["skipped"])
        untaught = [
            task
            for task, taught in zip(self.tasks, values["taught"])
            if not taught and (skipped or task in causes)
        ]
        return Numbers(int(values["steps"]), skipped, causes, untaught)


def _on_host(variable):
    # Of several replicas, only what is computed from it is their sum.
    return np.rint(ops.convert_to_numpy(variable.value + 0.0))
