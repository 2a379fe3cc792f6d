"""What a training is made of, to tell it from another one."""

import json
import math
import re
import reprlib

import keras
import numpy as np

# Seeds become state, which is kept; the others say nothing of the training.
_NOT_COMPARED = {"seed", "shared_object_id"}
_NUMBER = re.compile(r"_\d+$")


def facts_of(model, data, callbacks):
    """Describes a training.

    Names that Keras numbers, as `dense_3`, count by their order: the same
    code run again in one process gives the same facts.

    Args:
        model: Compiled `MultiTaskModel`, its optimizer built.
        data: Dict of plain values about the data.
        callbacks: List of callbacks that remember something.

    Returns:
        Nested dict, as JSON gives it back.
    """
    compiled = _config(model.get_compile_config)
    compiled.pop("show_balancing", None)
    return {
        "backend": keras.backend.backend(),
        **_device_facts(model),
        **_plain(data, ()),
        "callbacks": [type(callback).__name__ for callback in callbacks],
        **_plain(compiled, _NOT_COMPARED - {"seed"}),
        "model": _plain(_config(model.get_config), _NOT_COMPARED),
        "variables": _specs(model.variables),
        "optimizer's variables": _specs(model.optimizer.variables),
    }


def check_same(before, now, path):
    """Raises if two trainings are not the same.

    Args:
        before: Facts in a file.
        now: Facts of the present training.
        path: Of the file.

    Raises:
        ValueError: Naming the first thing that differs.
    """
    found = first_difference(before, now)
    if found is not None:
        place, old, new = found
        raise ValueError(
            f"Expected the training that {path} is of, but {place} differs: "
            f"it was {reprlib.repr(old)} and is {reprlib.repr(new)}. Undo that "
            "change to go on, or give another folder to begin anew."
        )


def first_difference(before, now, place=""):
    """Finds where two nested values differ.

    Args:
        before: Dict, list, or what `==` compares.
        now: The same.
        place: Where they are, for the result.

    Returns:
        Place and both values, or `None`.

    Example:

    >>> first_difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]})
    ('a / 1 / b', 2, 3)
    """
    if isinstance(before, list) and isinstance(now, list):
        before, now = dict(enumerate(before)), dict(enumerate(now))
    if not (isinstance(before, dict) and isinstance(now, dict)):
        same = before == now and type(before) is type(now)
        return None if same else (place, before, now)
    for key in {**before, **now}:
        inner = f"{place} / {key}" if place else str(key)
        if key not in before or key not in now:
            return inner, before.get(key, "absent"), now.get(key, "absent")
        found = first_difference(before[key], now[key], inner)
        if found is not None:
            return found
    return None


def _config(get):
    """A config, or an empty one of what has parts that give none."""
    try:
        return get()
    except (NotImplementedError, TypeError, ValueError):
        return {}


def _device_facts(model):
    """Of several devices: sums are rounded otherwise on more or fewer."""
    distribution = keras.distribution.distribution()
    if distribution is not None:
        mesh = distribution.device_mesh
        devices = {n: int(s) for n, s in zip(mesh.axis_names, mesh.shape)}
    else:
        strategy = getattr(model, "distribute_strategy", None)
        devices = {"replicas": getattr(strategy, "num_replicas_in_sync", 1)}
    return {"devices": devices} if math.prod(devices.values()) > 1 else {}


def _specs(variables):
    return [[list(map(int, v.shape)), v.dtype] for v in variables]


def _plain(config, left_out):
    """A config as JSON gives it back, with numbered names put in order."""
    text = json.dumps(_without(config, left_out), default=_plain_value)
    tree = json.loads(text)
    names = dict.fromkeys(_names(tree))
    order = {
        name: f"{_NUMBER.sub('', name)} #{number}"
        for number, name in enumerate(names)
    }
    return _renamed(tree, order)


def _without(tree, left_out):
    if isinstance(tree, list | tuple):
        return [_without(v, left_out) for v in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("class_name") == "__lambda__":
        return {"class_name": "__lambda__"}  # Its code holds its file's name.
    return {
        str(key): _without(value, left_out)
        for key, value in tree.items()
        if key not in left_out
    }


def _names(tree):
    if isinstance(tree, list):
        for value in tree:
            yield from _names(value)
    elif isinstance(tree, dict):
        if isinstance(tree.get("name"), str):
            yield tree["name"]
        for value in tree.values():
            yield from _names(value)


def _renamed(tree, order):
    if isinstance(tree, list):
        return [_renamed(v, order) for v in tree]
    if isinstance(tree, dict):
        return {
            key: value if key == "class_name" else _renamed(value, order)
            for key, value in tree.items()
        }
    if isinstance(tree, str):
        return order.get(tree, tree)
    if isinstance(tree, float) and math.isnan(tree):
        return "nan"
    return tree


def _plain_value(value):
    if isinstance(value, np.generic):
        return value.item()
    return type(value).__name__
