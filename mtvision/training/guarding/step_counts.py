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

    def rows(self, epoch):
        """What was left out, as a table.

        Args:
            epoch: Number of the epoch, from 1.

        Returns:
            List of dicts of `epoch`, `cause`, `steps`, `first_step` and
            `skipped`, which is of the whole epoch.
        """
        return [
            {
                "epoch": epoch,
                "cause": cause,
                "steps": count,
                "first_step": first,
                "skipped": self.skipped,
            }
            for cause, (count, first) in self.causes.items()
        ]


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

    def untaught(self):
        """Of which tasks something was left out and nothing was left.

        Returns:
            Bool tensor (T,), and a bool scalar: whether no step was left.
        """
        skipped = self.skipped.value + 0.0  # of several replicas, their sum
        lost = self.counts.value[: len(self.tasks)] + skipped > 0
        is_empty = ops.equal(self.taught.value + 0.0, 0)
        no_step = ops.equal(skipped, self.steps.value + 0.0)
        return lost & is_empty, no_step & (skipped > 0)

    def numbers(self):
        """What was counted, as `Numbers`."""
        values = {
            variable.name: _on_host(variable)
            for variable in (
                self.steps,
                self.skipped,
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
        untaught = ops.convert_to_numpy(self.untaught()[0])
        return Numbers(
            int(values["steps"]),
            int(values["skipped"]),
            causes,
            [task for task, empty in zip(self.tasks, untaught) if empty],
        )


def _on_host(variable):
    # Of several replicas, only what is computed from it is their sum.
    return np.rint(ops.convert_to_numpy(variable.value + 0.0))
