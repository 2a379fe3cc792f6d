"""What runs are given: as text for records, and fresh for each run."""

import keras
import numpy as np


def describe_value(value):
    """A value as it stands in a record: of JSON's types only.

    Args:
        value: Number, text, `None`, array, object with `get_config`,
            function, or dict or list of these.

    Returns:
        The same in dicts, lists, numbers and texts. An object becomes its
        class and its config, a function its name.

    Example:

    >>> describe_value({"balancing": mtv.balancing.Sum()})["balancing"]["class"]
    'Sum'
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(name): describe_value(v) for name, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [describe_value(each) for each in value]
    if isinstance(value, np.ndarray | np.generic):
        return describe_value(value.tolist())
    if hasattr(value, "get_config") and not isinstance(value, type):
        config = describe_value(value.get_config())
        return {"class": type(value).__name__, **config}
    # Its address, which is in the text of many objects, is not the same in
    # another process.
    return getattr(value, "__qualname__", type(value).__qualname__)


def fresh_value(value, name):
    """A value as one run may have it for itself, without another's state.

    Args:
        value: As for `describe_value`.
        name: What it is called, for messages.

    Returns:
        The same; objects with a config are made anew of it.

    Raises:
        ValueError: If it is a layer or model that has its weights already:
            all runs would train the same ones.

    Example:

    >>> method = mtv.balancing.PCGrad()
    >>> fresh_value(method, "balancing") is method
    False
    """
    if isinstance(value, dict):
        return {key: fresh_value(v, name) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fresh_value(each, name) for each in value)
    if isinstance(value, keras.Layer) and value.weights:
        raise ValueError(
            f"Expected as {name!r} something that each run can make anew, "
            f"received {value.name!r}, a {type(value).__name__} that has its "
            "weights: all runs would train the same ones. Give a function "
            "that makes it, and call that in `build`."
        )
    if hasattr(value, "get_config") and hasattr(value, "from_config"):
        return type(value).from_config(value.get_config())
    return value
