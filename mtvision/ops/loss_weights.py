"""Arithmetic on the losses of T tasks, of which some may be absent."""

from keras import ops

# The smallest loss that logarithms and ratios are taken of: a smaller one
# counts as this. Its inverse and its square are still far from the limits of
# float32.
SMALLEST_LOSS = 1e-12


def floored_losses(losses, active):
    """Losses that a logarithm or a ratio can be taken of.

    Args:
        losses: Tensor (T,).
        active: Bool tensor (T,): which tasks are there.

    Returns:
        Tensor (T,): losses, at least 1e-12; 1 for the tasks that are absent.

    Example:

    >>> losses = floored_losses(np.array([2.0, 0.0]), np.array([True, False]))
    >>> [float(x) for x in losses]
    [2.0, 1.0]
    """
    return ops.where(active, ops.maximum(losses, SMALLEST_LOSS), 1.0)


def masked_softmax(logits, mask):
    """Softmax over the tasks that a mask selects.

    Args:
        logits: Tensor (T,), finite.
        mask: Bool tensor (T,).

    Returns:
        Tensor (T,) of sum 1, 0 where the mask is not set. All zeros where it
        is set nowhere.

    Example:

    >>> shares = masked_softmax(np.zeros(3), np.array([True, True, False]))
    >>> [float(x) for x in shares]
    [0.5, 0.5, 0.0]
    """
    top = ops.max(ops.where(mask, logits, float("-inf")))
    lower = ops.where(mask, ops.subtract(logits, top), 0.0)
    powers = ops.where(mask, ops.exp(lower), 0.0)
    return powers / ops.maximum(ops.sum(powers), 1.0)


def masked_mean(values, mask):
    """Mean over the tasks that a mask selects; 0 where it selects none.

    Args:
        values: Tensor (T,).
        mask: Bool tensor (T,).

    Returns:
        Scalar tensor.

    Example:

    >>> float(masked_mean(np.array([1.0, 3.0, 9.0]), np.arange(3) < 2))
    2.0
    """
    total = ops.sum(ops.where(mask, values, 0.0))
    return total / ops.cast(count_tasks(mask), total.dtype)


def count_tasks(mask):
    """Number of tasks that a mask selects, at least 1, as float32."""
    return ops.maximum(ops.sum(ops.cast(mask, "float32")), 1.0)


def values_of(option):
    """The values of an option of the tasks, in any of its forms.

    Args:
        option: One value for all tasks, a list, an array, or a dict by name.

    Returns:
        List.

    Example:

    >>> values_of({"mask": 0.5, "box": 1.0})
    [0.5, 1.0]
    """
    if isinstance(option, dict):
        return list(option.values())
    if hasattr(option, "tolist"):
        option = option.tolist()
    return list(option) if isinstance(option, list | tuple) else [option]


def one_for_each_task(values, tasks, argument):
    """An option of the tasks as a list in their order.

    Args:
        values: One value for all tasks, a list of one for each, or a dict of
            one for each by name.
        tasks: The names of the tasks, or their number if they have no names;
            a dict is then taken in its own order.
        argument: Name of the option, for the message.

    Returns:
        List of T values.

    Raises:
        ValueError: If there is not one for each task.

    Example:

    >>> one_for_each_task({"mask": 0.5, "box": 1.0}, ["box", "mask"], "leak")
    [1.0, 0.5]
    """
    named = not isinstance(tasks, int)
    count = len(tasks) if named else tasks
    if hasattr(values, "tolist"):
        values = values.tolist()
    if not isinstance(values, dict | list | tuple):
        return [values] * count
    if isinstance(values, dict) and named and set(values) != set(tasks):
        raise ValueError(
            f"Expected {argument} to have one value for each of the tasks "
            f"{list(tasks)}, received {values}."
        )
    if len(values) != count:
        raise ValueError(
            f"Expected one of {argument} for each of {count} tasks, received "
            f"{values}."
        )
    if isinstance(values, dict):
        return [values[task] for task in (tasks if named else values)]
    return list(values)
