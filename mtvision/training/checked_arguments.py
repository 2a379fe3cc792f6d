"""The data among the arguments of `fit` and `evaluate`, checked."""

from mtvision.training import arrays

_DATA = ("x", "y", "sample_weight")


def check_data(given, data):
    """Checks arrays at once, and lets data sets be checked as they are read.

    Args:
        given: Dict of arguments of `fit`, or another that takes `x`.
        data: `CheckedData`.

    Returns:
        Dict of arguments: the same, but for the data.

    Raises:
        ValueError: Naming task and sample.
    """
    x, y = given.get("x"), given.get("y")
    if y is None and not arrays.is_array_data(x):
        return given | {"x": data.wrap(x)}
    x, y, weight = data.check((x, y, given.get("sample_weight")))
    weight = data.tasks.complete_weights(y, weight)
    return given | {"x": x, "y": y, "sample_weight": weight}


def check_validation_data(given, data):
    """As `check_data`, of `validation_data`, a tuple or a data set.

    Args:
        given: Dict of arguments of `fit`.
        data: `CheckedData`.

    Returns:
        Dict of arguments.
    """
    validation = given.get("validation_data")
    if isinstance(validation, list | tuple):
        parts = check_data(dict(zip(_DATA, validation)), data)
        return given | {"validation_data": tuple(parts.values())}
    if validation is not None:
        return given | {"validation_data": data.wrap(validation)}
    return given
