"""Checks of truths of objects that are numpy arrays still."""

import numpy as np

from mtvision.ops.object_fields import require_known_fields, require_objects
from mtvision.ops.truth_checks import check_class_indices, first_sample


def check_objects(y_true, num_classes=None):
    """Raises unless a truth in numpy makes sense.

    Args:
        y_true: As for `truth_objects.read_objects`, of numpy arrays.
        num_classes: C, or `None` if it is not known.

    Raises:
        ValueError: Naming the sample, and the object or field.

    Example:

    >>> truth = {"boxes": np.zeros((1, 1, 4)), "classes": np.array([[-1]])}
    >>> check_objects(truth, 3)
    """
    require_objects(y_true)
    require_known_fields(y_true)
    y_true = {name: np.asarray(field) for name, field in y_true.items()}
    _check_classes(y_true, num_classes)
    for field in ("crowd", "difficult", "annotated"):
        if field in y_true:
            _check_flags(y_true, field)
    if "annotated" in y_true:
        _check_annotated(y_true, num_classes)
    _check_pixels(y_true)


def object_boxes(y_true):
    """Boxes of a truth in numpy, to be checked: NaN where there is none.

    Args:
        y_true: As for `truth_objects.read_objects`, of numpy arrays.

    Returns:
        Array (B, M, 4).

    Example:

    >>> truth = {"boxes": np.ones((1, 1, 4)), "classes": np.array([[-1]])}
    >>> object_boxes(truth)[0, 0].tolist()
    [nan, nan, nan, nan]
    """
    has_class = np.asarray(y_true["classes"])[..., None] >= 0
    return np.where(has_class, y_true["boxes"], np.nan)


def _check_classes(y_true, num_classes):
    boxes, classes = y_true["boxes"], y_true["classes"]
    check_class_indices(classes, num_classes)
    if classes.dtype.kind != "f" or not np.isnan(classes).any():
        return
    is_missing = np.isnan(boxes.astype("float64")).all(axis=(1, 2))
    bad = np.isnan(classes) & ~is_missing[:, None]
    if bad.any():
        sample, row = np.argwhere(bad)[0]
        raise ValueError(
            f"sample {sample} has NaN as the class of its object {row}. "
            "Expected a class number, or -1 for a row of padding."
        )


def _check_flags(y_true, field):
    flags = y_true[field].astype("float64")
    # In batches, a label that is missing is -1 or NaN in all of its rows.
    bad = ~np.isin(flags, (0, 1, -1))
    bad &= ~np.isnan(flags).all(axis=1, keepdims=True)
    if field != "annotated":
        bad &= y_true["classes"] >= 0
    if bad.any():
        sample, place = np.argwhere(bad)[0]
        raise ValueError(
            f"sample {sample} has {flags[sample, place]:g} in {field!r}, at "
            f"place {place}. Expected 0 or 1."
        )


def _check_annotated(y_true, num_classes):
    annotated, classes = y_true["annotated"], y_true["classes"]
    if num_classes not in (None, annotated.shape[1]):
        raise ValueError(
            f"'annotated' has {annotated.shape[1]} columns, but the head has "
            f"{num_classes} classes. Expected one a class."
        )
    # Numbers too large for integers must not become negative.
    own = np.clip(np.nan_to_num(classes, nan=0), 0, annotated.shape[1])
    own = own.astype(int)
    if own.max(initial=0) >= annotated.shape[1]:
        return  # a loss that does not know C
    known = np.take_along_axis(annotated, own, 1) != 0
    sample = first_sample((classes >= 0) & ~known, lambda bad: bad)
    if sample is not None:
        raise ValueError(
            f"sample {sample} has an object of a class that its 'annotated' "
            "says is not annotated there."
        )


def _check_pixels(y_true):
    boxes = object_boxes(y_true)
    boxes = boxes[np.isfinite(boxes).all(axis=-1)]
    if len(boxes) and boxes.min() >= 0 and boxes.max() <= 1:
        raise ValueError(
            "all boxes lie within 0 to 1, such as "
            f"{boxes[0].tolist()}: they look like shares of the image. "
            "Expected x1, y1, x2, y2 in pixels; multiply them by the width "
            "and the height."
        )
