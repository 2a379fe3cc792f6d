"""Gradients of several small batches, balanced as those of a large one.

An optimizer with `gradient_accumulation_steps` averages the gradients of so
many batches before it moves. To balance each by itself would be another
method, so the tasks' gradients are averaged first, and balanced in the last.
"""

import dataclasses

from keras import ops

from mtvision.balancing.balancer import BalancerState
from mtvision.training.shared_gradients import inner_products


def steps_of(optimizer):
    """How many batches an optimizer averages over.

    Args:
        optimizer: A Keras optimizer.

    Returns:
        Whole number, at least 1.
    """
    return _inner(optimizer).gradient_accumulation_steps or 1


class Accumulation:
    """Sums of the tasks' gradients since the optimizer last moved.

    Args:
        optimizer: The built optimizer; it says which batch is the last.
        shared: The variables that tasks share.
        private: Those of one task each.
        num_tasks: T.
        num_batches: In how many parts, S, each batch is split.
    """

    def __init__(self, optimizer, shared, private, num_tasks, num_batches):
        self.steps = steps_of(optimizer)
        self._iteration = next(
            v for v in _inner(optimizer).variables if v.name == "iteration"
        )
        self.state = BalancerState(name="accumulation", dtype="float32")
        self.state.built = True
        rows = (num_tasks,) if num_batches == 1 else (num_batches, num_tasks)
        self._shared = [self._zeros((*rows, *v.shape)) for v in shared]
        self._private = [self._zeros(v.shape) for v in private]
        self._losses = self._zeros((num_tasks,))
        self._seen = self._zeros((num_tasks,))

    @property
    def is_last(self):
        """Bool scalar: whether the optimizer moves after this batch."""
        return (self._iteration.value + 1) % self.steps == 0

    def add(self, own, found, scale, counts, reduce):
        """Adds a batch.

        Args:
            own: For each task the gradients of the private variables, `None`
                for those of the others.
            found: Its `TaskGradients`.
            scale: What the gradients were multiplied by.
            counts: Bool scalar: whether the batch is to be added at all.
                `None` if it is.
            reduce: Function that sums a tensor over the replicas.

        Returns:
            The same two of the batches so far: means, in which a task that
            was not active has a gradient of 0; and whether the optimizer
            moves after this batch.
        """
        moves = self.is_last
        counts = ops.ones((), "bool") if counts is None else counts
        seen = ops.any(found.seen, axis=0)
        own = self._add_private(own, seen, scale, counts, reduce)
        found = self._add_shared(found, scale, counts)
        return own, found, moves & counts

    def _add_shared(self, found, scale, counts):
        stacks = {
            place: self._add(self._shared[place], stack, scale, counts)
            for place, stack in found.stacks.items()
        }
        losses = ops.where(found.active, found.losses, 0.0)
        seen = ops.cast(found.active, "float32")
        return dataclasses.replace(
            found,
            stacks=stacks,
            gram=inner_products(stacks, scale),
            losses=self._add(self._losses, losses, 1.0, counts),
            active=self._add(self._seen, seen, 1.0, counts) > 0,
        )

    def _add_private(self, rows, seen, scale, counts, reduce):
        replicas = reduce(ops.ones(()))

        def add(task, variable, gradient):
            if gradient is None:
                return None
            gradient = ops.where(seen[task], reduce(gradient), 0.0)
            return self._add(variable, gradient, scale, counts) / replicas

        return [
            [add(task, *pair) for pair in zip(self._private, row)]
            for task, row in enumerate(rows)
        ]

    def _zeros(self, shape):
        return self.state.add_weight(
            shape=shape, initializer="zeros", trainable=False
        )

    def _add(self, variable, values, scale, counts):
        shape = ops.shape(values)
        values = ops.reshape(ops.cast(values, "float32"), variable.shape)
        total = variable.value + values / (scale * self.steps)
        emptied = ops.where(self.is_last, ops.zeros_like(total), total)
        variable.assign(ops.where(counts, emptied, variable.value))
        return ops.reshape(total * scale, shape)


def _inner(optimizer):
    return getattr(optimizer, "inner_optimizer", optimizer)
