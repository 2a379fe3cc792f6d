"""The fields of a truth of objects: their names, shapes and padding."""

import difflib

import keras
import numpy as np
from keras import ops

SHAPES = {
    "boxes": "(B, M, 4)",
    "classes": "(B, M)",
    "crowd": "(B, M)",
    "difficult": "(B, M)",
    "area": "(B, M)",
    "masks": "(B, M, H, W)",
    "keypoints": "(B, M, K, 3)",
    "extreme_points": "(B, M, 4, 2)",
    "phrases": "(B, M, L)",
    "annotated": "(B, C)",
}
NEEDED = ("boxes", "classes")


def require_objects(y_true):
    """Raises unless a truth has the fields and shapes of objects.

    Fields of other names pass.

    Args:
        y_true: As for `truth_objects.read_objects`.

    Raises:
        ValueError: Naming the field, or two that do not fit each other.

    Example:

    >>> require_objects({"boxes": np.zeros((1, 3, 4)), "classes": [[1, 1, 2]]})
    """
    if not isinstance(y_true, dict) or not set(NEEDED) <= set(y_true):
        found = sorted(y_true) if isinstance(y_true, dict) else "no dict"
        raise ValueError(
            "Expected a truth with 'boxes' (B, M, 4) and 'classes' (B, M), "
            f"received {found}. With mtvision.data.Batches the targets of the "
            'task are {"boxes": "boxes", "classes": "classes"}.'
        )
    shapes = _shapes(y_true)
    for field, shape in shapes.items():
        axes = SHAPES[field].strip("()").split(", ")
        fits = len(axes) == len(shape) and all(
            not axis.isdigit() or size in (None, int(axis))
            for axis, size in zip(axes, shape)
        )
        if not fits:
            raise ValueError(
                f"Expected {field!r} of shape {SHAPES[field]}, received "
                f"{shape}."
            )
    for field, shape in shapes.items():
        common = 1 if field == "annotated" else 2
        pairs = zip(shape[:common], shapes["boxes"][:common])
        if any(a != b for a, b in pairs if None not in (a, b)):
            raise ValueError(
                f"'boxes' has shape {shapes['boxes']}, but {field!r} "
                f"{shape}. Expected (B, M, 4) and {SHAPES[field]}: the same "
                "samples, with the same number of rows, M."
            )


def require_known_fields(y_true):
    """Raises if a truth of objects has a field of an unknown name.

    Args:
        y_true: As for `truth_objects.read_objects`.

    Raises:
        ValueError: Naming the field and one that may be meant.

    Example:

    >>> require_known_fields({"boxes": [], "classes": [], "crowd": []})
    """
    for field in sorted(set(y_true) - set(SHAPES), key=str):
        near = difflib.get_close_matches(str(field), SHAPES, 1, 0.6)
        near = [known for known in SHAPES if known in str(field)] or near
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"the truth of objects has a field {field!r}, which no task "
            f"reads.{hint} Expected {', '.join(map(repr, SHAPES))}."
        )


def pad_objects(y_true):
    """Adds a row of padding where there is none, or may be none.

    Args:
        y_true: As for `truth_objects.read_objects`, M objects.

    Returns:
        A dict like it. If M is 0, or not known when the graph is built, all
        fields of objects have one row more at the end, of class -1 and
        zeros; so nobody has to deal with no rows at all.

    Example:

    >>> none = {"boxes": np.zeros((2, 0, 4)), "classes": np.zeros((2, 0))}
    >>> [[float(c) for c in row] for row in pad_objects(none)["classes"]]
    [[-1.0], [-1.0]]
    """
    shapes = _shapes(y_true)
    shapes.pop("annotated", None)
    if any(shape[1] for shape in shapes.values()):
        return y_true
    return {**y_true, **{name: _padded(name, y_true[name]) for name in shapes}}


def _padded(name, field):
    field = ops.convert_to_tensor(field)
    dtype = keras.backend.standardize_dtype(field.dtype)
    if name == "classes":
        field = ops.cast(field, "float32")  # -1 is no uint8
    elif dtype == "bool":
        field = ops.cast(field, "uint8")
    axes = [(0, 0), (0, 1)] + [(0, 0)] * (len(field.shape) - 2)
    value = -1 if name == "classes" else 0
    return ops.pad(field, axes, constant_values=value)


def _shapes(y_true):
    """Static shapes of the fields that are known, by name."""
    return {
        name: tuple(np.shape(y_true[name])) for name in SHAPES if name in y_true
    }
