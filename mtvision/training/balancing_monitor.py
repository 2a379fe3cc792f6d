"""What balancing did, as means over an epoch."""

import itertools
import math

import keras
from keras import ops

from mtvision.ops.gram import cosines
from mtvision.training.replicas import count_replicas


class BalancingMonitor(keras.metrics.Metric):
    """Mean weights of the tasks, and norms and cosines of their gradients.

    A task counts in the steps that have a label of it. Gradients that are
    not finite are counted by step, not averaged.

    Args:
        tasks: Names of the T tasks.
        gradients: Whether there are gradients to tell of.
    """

    def __init__(self, tasks, *, gradients, name="balancing"):
        super().__init__(name=name, dtype="float32")
        self.names = [f"{task}_weight" for task in tasks]
        self.pairs = []
        if gradients:
            self.names += [f"{task}_gradient_norm" for task in tasks]
            self.names += [f"{task}_broken_gradients" for task in tasks]
            self.pairs = list(itertools.combinations(range(len(tasks)), 2))
            self.names += [
                f"{tasks[i]}_{tasks[j]}_cosine" for i, j in self.pairs
            ]
        twins = {n for n in self.names if self.names.count(n) > 1}
        if twins:
            raise ValueError(
                f"Balancing would log different numbers as {sorted(twins)}. "
                f"Rename one of the tasks {list(tasks)}."
            )
        shape = (len(self.names),)
        self.totals = self.add_variable(shape, "zeros", name="totals")
        self.counts = self.add_variable(shape, "zeros", name="counts")

    def update_state(self, weights, active, gram=None, broken=None):
        """Counts one step.

        Args:
            weights: Tensor (T,).
            active: Bool tensor (T,).
            gram: Tensor (T, T): inner products of the gradients.
            broken: Bool tensor (T,): whose gradient was not finite.
        """
        active = ops.cast(active, "float32")
        values, counts = [weights * active], [active]
        if gram is not None:
            # Keras sums what all replicas have counted.
            broken = ops.cast(broken, "float32") / count_replicas()
            values += [ops.sqrt(ops.diagonal(gram)) * active, broken]
            counts += [active, ops.zeros_like(active)]
        if self.pairs:
            first, second = zip(*self.pairs)
            both = ops.take(active, first) * ops.take(active, second)
            places = [i * gram.shape[0] + j for i, j in self.pairs]
            flat = ops.reshape(cosines(gram)[0], (-1,))
            values.append(ops.take(flat, places) * both)
            counts.append(both)
        self.totals.assign_add(ops.concatenate(values))
        self.counts.assign_add(ops.concatenate(counts))

    def result(self):
        """Dict of means, and of numbers of broken gradients, by name."""
        means = self.totals.value / ops.maximum(self.counts.value, 1.0)
        return {name: means[i] for i, name in enumerate(self.names)}

    def reset_state(self):
        """Does nothing: validation within an epoch must not reset it."""

    def clear(self):
        """Forgets everything; not to be called in compiled code."""
        super().reset_state()

    def numbers(self):
        """The results as floats, NaN for means of nothing."""
        values = {k: float(v) for k, v in self.result().items()}
        counts = ops.convert_to_numpy(self.counts.value)
        return {
            name: value
            if count > 0 or name.endswith("_broken_gradients")
            else math.nan
            for (name, value), count in zip(values.items(), counts)
        }
