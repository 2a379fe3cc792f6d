"""From the gradients of the tasks to one gradient of what they share.

Gradients come as a list with, for each task, one tensor for each shared
tensor: each fork, or each variable of the trunk. `None` is a zero gradient.
"""

import dataclasses

from keras import ops


@dataclasses.dataclass
class Balanced:
    """What balancing made of the gradients of one step.

    Attributes:
        gradients: List of tensors, one for each shared tensor; `None` where
            no task has a gradient.
        weights: Tensor (T,): what each task's gradient counted.
        gram: Tensor (T, T): inner products of the gradients, with zeros for
            tasks that were left out.
        active: Bool tensor (T,): tasks that were not left out: their batch
            has a label and their gradient is finite.
        broken: Bool tensor (T,): tasks whose gradient is not finite.
        losses: Tensor (T,).
        extra_loss: Scalar: what regularisers and layers add.
    """

    gradients: list
    weights: object
    gram: object
    active: object
    broken: object
    losses: object
    extra_loss: object = 0.0


def balance(
    gradients, losses, present, balancer, scale=1.0, reduce=lambda x: x
):
    """Mixes the tasks' gradients as a balancer says.

    Args:
        gradients: List of S * T lists of tensors: the tasks' gradients from
            the first of S parts of the batch, then from the others; S is the
            balancer's `num_batches`.
        losses: Tensor (S * T,).
        present: Bool tensor (S * T,): which tasks have a label.
        balancer: A built balancer of gradients.
        scale: What the gradients were multiplied by before.
        reduce: Function that sums a tensor over the replicas of the model.
            Features of different replicas are different features; parameters
            are the same.

    Returns:
        A `Balanced`.
    """
    columns = list(zip(*gradients))
    places = [
        i for i, column in enumerate(columns) if _first(column) is not None
    ]
    parts = balancer.num_batches
    stacks = [_stack(columns[i], parts) for i in places]
    if balancer.at == "parameters":
        stacks = [reduce(stack) for stack in stacks]
        gram = sum(_inner_products(stack) for stack in stacks) / scale**2
    else:
        gram = reduce(sum(_inner_products(stack) for stack in stacks))
        gram = gram / scale**2
    losses = reduce(losses)
    present = reduce(ops.cast(present, "float32")) > 0
    losses, present = _over_parts(losses, present, parts)
    finite = ops.isfinite(ops.diagonal(gram)) & ops.isfinite(losses)
    active = ops.logical_and(finite, present)
    # Not products: 0 x NaN would be NaN.
    stacks = [ops.where(active[:, None], stack, 0) for stack in stacks]
    gram = ops.where(active[:, None] & active, gram, 0.0)
    known = ops.where(active, losses, 1.0)
    mixed, weights = balancer.mix(stacks, gram, known, active)
    if balancer.at == "parameters":  # the optimizer sums once more
        mixed = [flat / reduce(ops.ones((), flat.dtype)) for flat in mixed]
    result = [None] * len(columns)
    for i, flat in zip(places, mixed):
        result[i] = _like(flat, columns[i])
    return Balanced(
        result,
        weights,
        gram,
        active,
        ops.logical_and(present, ops.logical_not(finite)),
        losses,
    )


def weighted_sum(gradients, weights, active):
    """Sums the gradients of one tensor that some of the tasks have.

    Args:
        gradients: List of T tensors.
        weights: Tensor (T,).
        active: Bool tensor (T,): the others count nothing.

    Returns:
        Tensor, or `None` if no task has a gradient.
    """
    terms = [
        ops.where(active[i], gradient * ops.cast(weights[i], gradient.dtype), 0)
        for i, gradient in enumerate(gradients)
        if gradient is not None
    ]
    return sum(terms[1:], terms[0]) if terms else None


def _stack(column, parts):
    """The gradients of one shared tensor as (T, N), or (S, T, N)."""
    like = _first(column)
    rows = [ops.zeros_like(like) if row is None else row for row in column]
    stack = ops.stack([ops.reshape(row, (-1,)) for row in rows])
    if parts == 1:
        return stack
    return ops.reshape(stack, (parts, len(rows) // parts, -1))


def _inner_products(stack):
    rows = ops.cast(stack, "float32")
    if len(rows.shape) == 3:
        rows = ops.mean(rows, axis=0)
    return ops.matmul(rows, ops.transpose(rows))


def _over_parts(losses, present, parts):
    """The tasks' mean losses, and which have a label in each part."""
    losses = ops.mean(ops.reshape(losses, (parts, -1)), axis=0)
    return losses, ops.all(ops.reshape(present, (parts, -1)), axis=0)


def _like(flat, column):
    like = _first(column)
    return ops.cast(ops.reshape(flat, ops.shape(like)), like.dtype)


def _first(column):
    return next((row for row in column if row is not None), None)
