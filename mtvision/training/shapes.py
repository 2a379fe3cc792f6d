"""Checks that a truth fits a prediction, before Keras broadcasts them."""

import keras

from mtvision.training import truth

# Keras' losses whose truth has a form of its own.
_FREE = {
    "CTC",
    "ctc",
    "Circle",
    "circle",
    "CategoricalGeneralizedCrossEntropy",
    "categorical_generalized_cross_entropy",
}


def check_pair(task, loss, y_true, y_pred):
    """Raises where one of Keras' own losses would broadcast by mistake.

    Args:
        task: Name of the task.
        loss: The task's `keras.losses.Loss`.
        y_true: Truth, a tensor (B, ...) or a dict of tensors.
        y_pred: Prediction, a tensor (B, ...).

    Raises:
        ValueError: If the shapes differ.
    """
    _check_samples(task, y_true, y_pred)
    if isinstance(y_true, dict) or not _compares_elements(loss):
        return
    expected = tuple(y_pred.shape)
    if truth.class_kind(loss) == "SparseCategorical":
        expected = expected[:-1]
    if not _compatible(tuple(y_true.shape), expected):
        raise ValueError(
            f"Task '{task}': {_name(loss)} expected a truth of shape "
            f"{expected} for a prediction of shape {tuple(y_pred.shape)}, "
            f"received {tuple(y_true.shape)}."
        )


def describe(x):
    """Shapes and dtypes of a tensor or a dict of tensors, for messages.

    Args:
        x: Tensor, or dict of tensors.

    Returns:
        String.
    """
    if isinstance(x, dict):
        fields = ", ".join(f"{k}: {describe(v)}" for k, v in x.items())
        return f"{{{fields}}}"
    return f"{tuple(x.shape)} {keras.backend.standardize_dtype(x.dtype)}"


def _check_samples(task, y_true, y_pred):
    """Raises if fields, or they and the prediction, have not as many rows."""
    number, whose = y_pred.shape[0], "prediction"
    for path, y in keras.tree.flatten_with_path(y_true):
        field = f"field {'/'.join(map(str, path))!r}" if path else ""
        place = f"Task '{task}'" + (f", {field}" if field else "")
        if len(y.shape) == 0:
            raise ValueError(
                f"{place}: expected a truth with one row for each sample, "
                "received a scalar."
            )
        if number is None:
            number, whose = y.shape[0], field
        elif y.shape[0] not in (None, number):
            raise ValueError(
                f"{place}: the truth has {y.shape[0]} samples, the {whose} "
                f"{number}."
            )


def _compatible(given, expected):
    """Equal but for one axis of size 1 at the end and unknown sizes."""
    if len(given) == len(expected) + 1 and given[-1] == 1:
        given = given[:-1]
    elif len(expected) == len(given) + 1 and expected[-1] == 1:
        expected = expected[:-1]
    if len(given) != len(expected):
        return False
    return all(a == b for a, b in zip(given, expected) if None not in (a, b))


def _compares_elements(loss):
    """Whether it is one of Keras' losses that compare element by element."""
    name = _name(loss)
    known = getattr(keras.losses, name, None)
    own = known in (type(loss), getattr(loss, "function", None))
    return known is not None and own and name not in _FREE


def _name(loss):
    function = getattr(loss, "function", None)
    return getattr(function, "__name__", None) or type(loss).__name__
