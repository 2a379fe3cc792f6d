"""What a model's tasks are trained by, and what they share."""

import math

from mtvision.training.graph import Graph
from mtvision.training.multi_task_model import MultiTaskModel


def describe_tasks(model):
    """Says of each task how it is trained, and how much it shares.

    Args:
        model: A `MultiTaskModel`, compiled or not.

    Returns:
        List of dicts, one a task, of

        - `task`: its name;
        - `output`: its shape as text, B for the samples of a batch, `?` where
          the size depends on that of the input;
        - `loss`: its loss as text, `None` if it has none;
        - `loss_weight`: number, `None` without a loss;
        - `metrics`: list of their names;
        - `shared`: number of parameters that another task depends on, too;
        - `private`: number of those that it has for itself.

    Raises:
        ValueError: If it is another model.

    Example:

    >>> x = keras.Input((4,))
    >>> trunk = keras.layers.Dense(3)(x)
    >>> heads = {task: keras.layers.Dense(1)(trunk) for task in ("a", "b")}
    >>> model = mtv.MultiTaskModel(x, heads)
    >>> model.compile(loss={"a": "mse", "b": "mae"}, metrics={"a": "mae"})
    >>> for row in describe_tasks(model):
    ...     print(*row.values())
    a (B, 1) mse 1.0 ['mae'] 15 4
    b (B, 1) mae 1.0 [] 15 4
    """
    if not isinstance(model, MultiTaskModel):
        raise ValueError(
            "Expected a MultiTaskModel, whose outputs are tasks, received "
            f"{type(model).__name__}."
        )
    pairs = Graph(model, model.task_names).users
    counted = {id(weight) for weight in model.weights}
    sizes = [
        (math.prod(variable.shape), users)
        for variable, users in pairs
        if id(variable) in counted
    ]
    return [
        {
            "task": task,
            "output": _shape(model.output[task]),
            **_training(model, task),
            "shared": sum(n for n, users in sizes if {task} < users),
            "private": sum(n for n, users in sizes if {task} == users),
        }
        for task in model.task_names
    ]


def _shape(output):
    sizes = ["?" if size is None else str(size) for size in output.shape[1:]]
    return f"({', '.join(['B', *sizes])})" if sizes else "(B,)"


def _training(model, task):
    compiled = model._compiled_tasks
    if compiled is None:
        return {"loss": None, "loss_weight": None, "metrics": []}
    loss = compiled.arguments["loss"][task]
    return {
        "loss": None if loss is None else _name(loss),
        "loss_weight": compiled.losses[task].weight if loss else None,
        "metrics": [
            metric.name.removeprefix(f"{task}_")
            for metric in compiled.metrics
            if metric.task == task
        ],
    }


def _name(loss):
    """A text as it is, a function or class by its name."""
    if isinstance(loss, str):
        return loss
    # Keras' losses have a `name` of their own, which says less.
    return getattr(loss, "__name__", type(loss).__name__)
