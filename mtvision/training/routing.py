"""Every argument keyed by task is checked here, with the remedy in the error.

Keras applies `loss_weights` by sorted position and ignores names that it does
not know; a misspelt task must be an error instead.
"""

import difflib
import math
import numbers

import keras


def check_outputs(outputs):
    """Raises unless a model's outputs are one flat dict of tensors by task.

    Args:
        outputs: What the user gave as the model's outputs.

    Raises:
        ValueError: If it is not a dict, is empty or nested, or a name is
            not a string.
    """
    if not isinstance(outputs, dict) or not outputs:
        raise ValueError(
            "Expected `outputs` to be a dict {task name: tensor} with one "
            f"tensor for each task, received {_kind(outputs)}. For example: "
            '{"mask": mask_logits, "scene": scene_logits}.'
        )
    for name, tensor in outputs.items():
        if not isinstance(name, str) or not name:
            raise ValueError(
                f"Expected task names to be strings, received {name!r}."
            )
        if isinstance(tensor, dict | list | tuple):
            raise ValueError(
                f"Task '{name}': expected one output tensor, received "
                f"{_kind(tensor)}. Give each tensor a task name of its own."
            )


def check_keys(argument, given, tasks, *, required=()):
    """Raises unless a value is a dict keyed by the names of tasks.

    Args:
        argument: Name of the argument, for the message.
        given: What the user gave.
        tasks: The names that exist.
        required: The names that must be there.

    Raises:
        ValueError: If `given` is not a dict, or a name is unknown or missing.
    """
    tasks = list(tasks)
    if not isinstance(given, dict):
        raise ValueError(
            f"Expected `{argument}` to be a dict keyed by task {tasks}, "
            f"received {_kind(given)}."
        )
    for name in given:
        if name not in tasks:
            raise ValueError(
                f"`{argument}` names the task {name!r}, which does not exist"
                f"{_suggestion(name, tasks)} The tasks are {tasks}."
            )
    missing = [n for n in tasks if n in required and n not in given]
    if missing:
        raise ValueError(
            f"`{argument}` lacks the task {_listed(missing)}. Received "
            f"entries for {list(given)}. {_REMEDIES.get(argument, '')}".strip()
        )


_REMEDIES = {
    "loss": "A task that is not to be trained takes None as its loss.",
    "loss_weights": "Give every task that has a loss a weight.",
    "y": (
        "Where a whole batch lacks the label, give NaN (floats) or -1 "
        "(classes) as placeholders, or a sample weight of 0."
    ),
}


def check_loss_weights(weights, tasks):
    """Raises unless every weight is a finite number, one for each task.

    Args:
        weights: What the user gave, or `None` for a weight of 1 each.
        tasks: Names of the tasks that have a loss.

    Returns:
        Dict of floats by task.

    Raises:
        ValueError: If a name or a value is wrong.
    """
    if weights is None:
        return dict.fromkeys(tasks, 1.0)
    check_keys("loss_weights", weights, tasks, required=tasks)
    for name, weight in weights.items():
        if not isinstance(weight, numbers.Real) or not math.isfinite(weight):
            raise ValueError(
                f"Task '{name}': expected the loss weight to be a finite "
                f"number, received {weight!r}. (A variable would be frozen "
                "at its first value on the JAX backend.)"
            )
    return {name: float(weights[name]) for name in tasks}


def check_loss(loss, layer):
    """Raises if a loss of ours cannot read what a head gives.

    Args:
        loss: `keras.losses.Loss`.
        layer: The layer that gives the task's output; one with an attribute
            `loss_names` says which of our losses suit it; with a
            `WeightedSum` all of its losses must. Losses from elsewhere pass.

    Raises:
        ValueError: If it is another of ours.

    Example:

    >>> check_loss(mtv.losses.Dice(), mtv.tasks.DetectionHead(3, name="boxes"))
    Traceback (most recent call last):
    ...
    ValueError: Task 'boxes': DetectionHead expects one of the losses ...
    """
    suited = getattr(layer, "loss_names", None)
    registered = keras.saving.get_registered_name(type(loss))
    package, _, name = registered.rpartition(">")
    if suited is not None and package == "mtvision" and name not in suited:
        raise ValueError(
            f"Task '{layer.name}': {type(layer).__name__} expects one of the "
            f"losses {suited}, received {name}, which would read its numbers "
            "for something else."
        )
    if name == "WeightedSum" and package == "mtvision":
        for part in loss.losses:
            check_loss(part, layer)


def refuse_class_weight(class_weight):
    """Raises if Keras' `class_weight` is given.

    Args:
        class_weight: Argument of `fit`.

    Raises:
        ValueError: If it is not `None`.
    """
    if class_weight is not None:
        raise ValueError(
            "`class_weight` cannot say which task's classes it weighs. "
            "Give that task a loss with class weights, or the samples a "
            "`sample_weight` by task."
        )


def as_list(value):
    """`None`, one thing or several, as a list.

    Args:
        value: `None`, a list or tuple, or anything else.

    Returns:
        List.
    """
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _kind(value):
    return f"a {type(value).__name__}: {value!r}"[:200]


def _listed(names):
    return ", ".join(repr(name) for name in names)


def _suggestion(name, tasks):
    close = difflib.get_close_matches(str(name), tasks, n=1)
    return f"; did you mean {close[0]!r}?" if close else "."
