"""What the training steps with balanced gradients have in common.

The gradient of each task's loss is taken at the forks, where the tasks part.
At the level of the features they are mixed there, and the trunk is passed
once; at that of the parameters it is passed once for each task.
"""

import dataclasses
import itertools

import keras
import numpy as np
from keras import ops

from mtvision.training.shared_gradients import balance, collect, weighted_sum


@dataclasses.dataclass
class Balanced:
    """What balancing made of one step.

    Attributes:
        weights: Tensor (T,): what each task's gradient counted.
        gram: Tensor (T, T): inner products of the gradients.
        active: Bool tensor (T,): tasks that were balanced in this step.
        broken: Bool tensor (T,): tasks whose gradient is not finite.
        losses: Tensor (T,).
        extra_loss: Scalar: what regularisers and layers add.
    """

    weights: object
    gram: object
    active: object
    broken: object
    losses: object
    extra_loss: object = 0.0


def sources(graph):
    """The variables whose gradients a step takes task by task.

    Args:
        graph: The model's `Graph`.

    Returns:
        List of trainable variables, without those of the trunk.
    """
    return graph.partly_shared_variables + graph.private_variables


def variables(graph):
    """All trainable variables, in the order of `balanced_gradients`.

    Args:
        graph: The model's `Graph`.

    Returns:
        List of variables.
    """
    return graph.trunk_variables + sources(graph)


def balance_recorded(run, x, y, sample_weight, *, record, copy, gradients):
    """The gradients of one batch, where operations are recorded as they run.

    Args:
        run: The model's `BalancedRun`.
        x: Inputs.
        y: Dict of truths by task.
        sample_weight: As for `fit`.
        record: Function to a context that records, entered as `tape`.
        copy: Function to a tensor equal to one, with gradients of its own.
        gradients: Function of the tape, outputs, a list of tensors and a list
            of slopes of the outputs, or `None`, to a list of gradients.

    Returns:
        List of gradients of `variables`, the `Balanced` step, and the
        predictions.
    """
    graph = run.graph
    with record() as tape:
        forks, copies, y_pred = run.call_with_forks(x, copy)
        losses, present = run.measure(y, y_pred, sample_weight)
        scale = run.model.optimizer.scale_loss(ops.ones(()))
        scaled = [loss * scale for loss in losses]
        extra = extra_loss(run.model)
        # The optimizer sums over the replicas what each has of its own.
        share = scale / run.count_replicas()
        scaled_extra = None if extra is None else extra * share
    trunk, others = (
        [variable.value for variable in group]
        for group in (graph.trunk_variables, sources(graph))
    )
    rows = [gradients(tape, loss, copies + others, None) for loss in scaled]

    def pull(slopes):
        used = [(f, s) for f, s in zip(forks, slopes) if s is not None]
        if not used:
            return [None] * len(trunk)
        outputs, slopes = zip(*used)
        return gradients(tape, outputs, trunk, slopes)

    losses = [ops.stop_gradient(loss) for loss in losses]
    found, step = balanced_gradients(run, rows, pull, losses, present, scale)
    if extra is not None:
        more = gradients(tape, scaled_extra, trunk + others, None)
        found = add_gradients(found, more)
        step.extra_loss = ops.stop_gradient(extra)
    return found, step, y_pred


def extra_loss(model):
    """Sum of what regularisers and layers add to the loss of a call.

    Args:
        model: The model, after the call.

    Returns:
        Scalar tensor, or `None` if there is nothing.
    """
    losses = [ops.sum(ops.cast(loss, "float32")) for loss in model.losses]
    return sum(losses[1:], losses[0]) if losses else None


def balanced_gradients(run, task_gradients, pull, losses, present, scale=1.0):
    """Gradients of all trainable variables from those of the tasks.

    Args:
        run: The model's `BalancedRun`.
        task_gradients: For each task a list of the gradients of its loss at
            the forks, then of `sources`; for each part of the batch if the
            method asks for several. `None` is a zero gradient.
        pull: Function from a list of gradients at the forks to a list of
            gradients of the variables of the trunk.
        losses: List of as many scalars.
        present: List of bool scalars: whether there is a label.
        scale: What the losses were multiplied by before.

    Returns:
        List of gradients of `variables`, and the `Balanced` step.
    """
    graph, balancer = run.graph, run.balancer
    partly, private = graph.partly_shared_variables, graph.private_variables
    counts = len(graph.forks), len(partly), len(private)
    forks, shared, own = zip(*(_part(row, counts) for row in task_gradients))
    rows = [
        [g if learns else None for g, learns in zip(row, graph.learns)]
        for row in forks
    ]
    if balancer.at == "parameters":
        rows = [pull(f) + s for f, s in zip(forks, shared)]
    if balancer.remembers_gradients:
        rows[0] = _complete(rows, graph.trunk_variables + partly)
    finite = ops.stack([_all_finite(s + o) for s, o in zip(shared, own)])
    losses, present = ops.stack(losses), ops.stack(present)
    found = collect(rows, losses, present, finite, balancer, scale, run.reduce)
    own = [
        [g if owner == task else None for g, owner in zip(row, graph.owners)]
        for task, row in zip(itertools.cycle(run.tasks.losses), own)
    ]
    own = _means_over_parts(own, found.seen)
    seen = ops.any(found.seen, axis=0)
    losses, broken = found.losses, found.broken
    overflow = _overflow(run.model.optimizer, losses, broken)
    moves = None if overflow is None else ops.logical_not(overflow)
    if run.accumulation is not None:
        own, found, moves = run.accumulation.add(
            own, found, scale, moves, run.reduce
        )
        seen = ops.ones_like(seen)
    common, weights = balance(found, balancer, scale, run.reduce, moves)
    if balancer.at == "features":
        common = pull(common) + _sums(shared, weights, found.active)
    factors = weights if balancer.weighs_heads else ops.ones_like(weights)
    gradients = common + _sums(own, factors, seen)
    active = found.active
    if moves is not None:
        gradients = _held(gradients, moves, overflow, run.accumulation)
        active = active & moves
    step = Balanced(weights, found.gram, active, broken, losses)
    return gradients, step


def add_gradients(gradients, others):
    """Adds two lists of gradients, of which any may be `None`.

    Args:
        gradients: List of tensors.
        others: Likewise, or `None` for nothing.

    Returns:
        List of tensors.
    """
    if others is None:
        return gradients
    return [
        a if b is None else b if a is None else a + b
        for a, b in zip(gradients, others)
    ]


def _complete(rows, variables):
    """The first row, with zeros for variables that serve no task: a memory of
    gradients has a place for each variable.
    """
    return [
        ops.zeros_like(variable.value)
        if all(gradient is None for gradient in column)
        else column[0]
        for variable, column in zip(variables, zip(*rows))
    ]


def _part(row, counts):
    first, second = counts[0], counts[0] + counts[1]
    return row[:first], row[first:second], row[second:]


def _all_finite(row):
    sums = [ops.sum(g) for g in row if g is not None]
    return ops.isfinite(sum(sums)) if sums else ops.ones((), "bool")


def _overflow(optimizer, losses, broken):
    """Whether float16 overflowed: the scale is to fall, the step to be left.

    `None` where no scale is looked for. A loss that is not finite itself is
    not to be mended by a scale.
    """
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return None
    return ops.any(broken & ops.isfinite(losses))


def _held(gradients, moves, overflow, accumulation):
    """Gradients of 0, and NaN after an overflow, where a step does not move.

    The optimizer, which averages over batches, gets in the last what is meant
    for all of them.
    """
    steps = 1 if accumulation is None else accumulation.steps
    rest = 0.0 if overflow is None else ops.where(overflow, np.nan, 0.0)
    return [
        None
        if gradient is None
        else ops.where(moves, gradient * steps, ops.cast(rest, gradient.dtype))
        for gradient in gradients
    ]


def _means_over_parts(rows, seen):
    """One row for each task: the mean over the parts that have its label."""
    parts, tasks = seen.shape
    if parts == 1:
        return rows
    share = ops.cast(seen, "float32")
    share = share / ops.maximum(ops.sum(share, axis=0), 1.0)
    return [
        _sums(rows[task::tasks], share[:, task], seen[:, task])
        for task in range(tasks)
    ]


def _sums(rows, weights, active):
    return [weighted_sum(column, weights, active) for column in zip(*rows)]
