"""From scores, probabilities and logits to labels."""

import numpy as np

from mtvision.plotting.field_kinds import is_missing

FLAGS = ("attributes", "present", "same")
NUMBERS = ("count", "identity")


def decided(name, kind, value):
    """The label that a prediction stands for.

    Args:
        name: Name of the field.
        kind: What it shows, see `kind_of`.
        value: A label as in a sample, or what a model gives for it: scores
            of classes (..., C) for `label`, `count`, `identity` and maps,
            logits or probabilities for attributes, `present` and `same`.

    Returns:
        Dict with the field, and its `score` where there are probabilities.

    Example:

    >>> decided("digit", "label", np.array([0.25, 0.75]))
    {'digit': np.int64(1), 'digit_score': 0.75}
    """
    if value is None or isinstance(value, str):
        return {name: value}
    value = np.asarray(value)
    scores = value.ndim == 1 and value.dtype.kind == "f"
    if scores and (kind == "label" or (kind in NUMBERS and value.size > 1)):
        return _best_class(name, value)
    if kind in ("semantic", "mask") and value.ndim == 3:
        return {name: _classes_of_pixels(value)}
    if kind in ("depth", "map") and value.ndim == 3 and value.shape[-1] == 1:
        return {name: value[..., 0]}
    if kind in FLAGS and value.dtype.kind == "f" and not is_missing(value):
        flags = np.where(np.isnan(value), np.nan, value > _threshold(value))
        return {name: flags}
    return {name: value}


def _best_class(name, scores):
    best = scores.argmax()
    probable = scores.min() >= 0 and abs(scores.sum() - 1) < 1e-3
    score = {f"{name}_score": float(scores[best])} if probable else {}
    return {name: best, **score}


def _classes_of_pixels(scores):
    if scores.shape[-1] > 1:
        return scores.argmax(axis=-1)
    if scores.dtype.kind != "f":
        return scores[..., 0]
    return (scores[..., 0] > _threshold(scores)).astype("int32")


def _threshold(values):
    """One half of probabilities; zero of logits."""
    values = values[np.isfinite(values)]
    logits = values.size and (values.min() < 0 or values.max() > 1)
    return 0.0 if logits else 0.5
