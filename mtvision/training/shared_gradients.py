"""From the gradients of the tasks to one gradient of what they share.

Gradients come as a list with, for each task, one tensor for each shared
tensor: each fork, or each variable of the trunk. `None` is a zero gradient.
"""

import dataclasses

from keras import ops


@dataclasses.dataclass
class TaskGradients:
    """The gradients that balancing looks at.

    Attributes:
        columns: For each shared tensor, the gradients as they came.
        stacks: Tensors (T, N), or (S, T, N), by the number of the shared
            tensor, where any task has a gradient; 0 for tasks left out.
        gram: Tensor (T, T): inner products, 0 for tasks left out.
        losses: Tensor (T,).
        active: Bool tensor (T,): tasks that are not left out: the batch has a
            label of theirs, and their gradient is finite.
        seen: Bool tensor (S, T): which tasks each part of the batch teaches.
        broken: Bool tensor (T,): tasks whose loss or gradient is not finite.
    """

    columns: list
    stacks: dict
    gram: object
    losses: object
    active: object
    seen: object
    broken: object


def collect(gradients, losses, present, finite, balancer, scale, reduce):
    """Puts the tasks' gradients of one batch together.

    Args:
        gradients: List of S * T lists of tensors: the tasks' gradients from
            the first of S parts of the batch, then from the others; S is the
            balancer's `num_batches`.
        losses: Tensor (S * T,).
        present: Bool tensor (S * T,): which tasks have a label.
        finite: Bool tensor (S * T,): whose other gradients are finite.
        balancer: A built balancer of gradients.
        scale: What the gradients were multiplied by before.
        reduce: Function that sums a tensor over the replicas of the model.
            Features of different replicas are different features; parameters
            are the same.

    Returns:
        `TaskGradients`.
    """
    parts = balancer.num_batches
    columns = list(zip(*gradients))
    stacks = {
        place: _stack(column, parts)
        for place, column in enumerate(columns)
        if _first(column) is not None
    }
    if balancer.at == "parameters":
        stacks = {place: reduce(stack) for place, stack in stacks.items()}
        gram = inner_products(stacks, scale)
    else:
        gram = reduce(inner_products(stacks, scale))
    losses = reduce(losses)
    present, broken = (
        reduce(ops.cast(flags, "float32")) > 0
        for flags in (present, ops.logical_not(finite))
    )
    broken = broken | ops.logical_not(ops.isfinite(losses))
    finite = ops.isfinite(ops.diagonal(gram))
    seen = ops.reshape(present & ops.logical_not(broken), (parts, -1)) & finite
    losses = _over_parts(losses, parts, ops.mean)
    present = _over_parts(present, parts, ops.all)
    broken = _over_parts(broken, parts, ops.any)
    broken = present & (broken | ops.logical_not(finite))
    active = present & ops.logical_not(broken)
    # Not products: 0 x NaN would be NaN.
    return TaskGradients(
        columns,
        {k: ops.where(active[:, None], v, 0) for k, v in stacks.items()},
        ops.where(active[:, None] & active, gram, 0.0),
        losses,
        active,
        seen,
        broken,
    )


def balance(found, balancer, scale, reduce, moves=None):
    """Mixes the tasks' gradients as a balancer says.

    Args:
        found: `TaskGradients`.
        balancer: A built balancer of gradients.
        scale: As for `collect`.
        reduce: Likewise.
        moves: Bool scalar: whether this step counts; else the balancer's
            state stays as it is. `None` if it does.

    Returns:
        List of tensors, one for each shared tensor, `None` where no task has
        a gradient; and the weights (T,).
    """
    before = [] if moves is None else balancer.variables
    before = [ops.copy(variable.value) for variable in before]
    stacks = list(found.stacks.values())
    if balancer.remembers_gradients:
        stacks = [ops.cast(stack, "float32") / scale for stack in stacks]
    mixed, weights = balancer.mix(
        stacks,
        found.gram,
        ops.where(found.active, found.losses, 1.0),
        found.active,
    )
    for variable, value in zip(balancer.variables, before):
        variable.assign(ops.where(moves, variable.value, value))
    if balancer.remembers_gradients:
        mixed = [flat * scale for flat in mixed]
    if balancer.at == "parameters":  # the optimizer sums once more
        mixed = [flat / reduce(ops.ones((), flat.dtype)) for flat in mixed]
    gradients = [None] * len(found.columns)
    for place, flat in zip(found.stacks, mixed):
        gradients[place] = _like(flat, found.columns[place])
    return gradients, weights


def inner_products(stacks, scale):
    """The Gram matrix of the gradients.

    Args:
        stacks: Dict of tensors (T, N), or (S, T, N).
        scale: What they were multiplied by.

    Returns:
        Tensor (T, T), float32.
    """
    return sum(_inner_products(s) for s in stacks.values()) / scale**2


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


def _over_parts(values, parts, combine):
    """One value for each task, of those from each part of a batch."""
    return combine(ops.reshape(values, (parts, -1)), axis=0)


def _like(flat, column):
    like = _first(column)
    return ops.cast(ops.reshape(flat, ops.shape(like)), like.dtype)


def _first(column):
    return next((row for row in column if row is not None), None)
