"""Checks of the fields of one image: they raise what is wrong with it.

Whoever calls adds which image, and whether it is the truth.
"""

import difflib

import numpy as np

# What a truth may have or not, so that a slip of its name would not show.
OPTIONAL = ("crowd", "difficult", "area", "annotated")
# The axes after that of the objects; None for any number.
REST = {
    "boxes": (4,),
    "keypoints": (None, 3),
    "masks": (None, None),
    "phrases": (None,),
}


def require_fields(objects, fields):
    """Raises unless a dict has all fields.

    Example:

    >>> require_fields({"boxes": []}, ["boxes"])
    """
    if not isinstance(objects, dict):
        raise ValueError(
            f"expected a dict of arrays, received {type(objects).__name__}."
        )
    missing = [field for field in fields if objects.get(field) is None]
    if missing:
        given = [field for field in sorted(objects) if field not in missing]
        raise ValueError(
            f"expected the fields {list(fields)}, received {given}: "
            f"{missing} are missing."
        )


def require_no_slip(truth):
    """Raises if a truth has a field whose name is nearly an optional one's.

    Fields of other names pass, so that samples may be the truth.

    Example:

    >>> require_no_slip({"image": 0, "iscrowd": []})
    Traceback (most recent call last):
    ...
    ValueError: the field 'iscrowd' would not be read. Did you mean 'crowd'?
    """
    for field in sorted(set(truth) - set(OPTIONAL), key=str):
        near = difflib.get_close_matches(str(field), OPTIONAL, 1, 0.8)
        if near:
            raise ValueError(
                f"the field {field!r} would not be read. Did you mean "
                f"{near[0]!r}?"
            )


def require_classes(classes, num_classes):
    """Class numbers as int64; -1 is padding.

    Args:
        classes: Array (M,).
        num_classes: C, or `None` if it is not known.

    Returns:
        Int64 array (M,).

    Raises:
        ValueError: If they are no whole numbers from -1 to C - 1.

    Example:

    >>> require_classes([2.0, -1.0], 3).tolist()
    [2, -1]
    """
    values = np.asarray(classes, "float64")
    limit = np.inf if num_classes is None else num_classes
    with np.errstate(invalid="ignore"):
        sound = (values >= -1) & (values < limit) & (values == np.floor(values))
    if values.ndim != 1 or not sound.all():
        wrong = f"shape {values.shape}" if values.ndim != 1 else values[~sound]
        allowed = "0 or more" if num_classes is None else f"below {num_classes}"
        raise ValueError(
            f"expected 'classes' (M,) of whole numbers {allowed}, or -1 for "
            f"padding; received {wrong}."
        )
    return values.astype("int64")


def require_rows(objects):
    """Raises unless every field has a row for each class, and its own rank.

    Args:
        objects: Dict of arrays, or lists, with `"classes"` (M,).

    Example:

    >>> require_rows({"classes": np.zeros(2), "boxes": np.zeros((2, 4))})
    """
    number = len(objects["classes"])
    for field, value in objects.items():
        rest = () if isinstance(value, list) else REST.get(field, ())
        shape = (len(value),) if isinstance(value, list) else value.shape
        fits = len(shape) == 1 + len(rest) and shape[0] == number
        if not fits or any(a not in (None, b) for a, b in zip(rest, shape[1:])):
            expected = ", ".join(str(side or "?") for side in (number, *rest))
            raise ValueError(
                f"expected {field!r} of shape ({expected}), as there are "
                f"{number} classes; received {shape}."
            )


def with_rank(value, field):
    """An array, in which a list without any object has all its axes.

    Example:

    >>> with_rank([], "boxes").shape
    (0, 4)
    """
    value = np.asarray(value)
    rest = REST.get(field, ())
    if value.shape == (0,) and rest:
        return np.zeros((0, *(side or 0 for side in rest)))
    return value


def require_boxes(boxes):
    """Raises unless boxes are finite and not inverted.

    Args:
        boxes: Array (M, 4), xyxy in pixels.

    Example:

    >>> require_boxes(np.array([[0.0, 0.0, 4.0, 4.0]]))
    """
    finite = np.isfinite(boxes).all(axis=1)
    sound = finite & (boxes[:, 2:] >= boxes[:, :2]).all(axis=1)
    if not sound.all():
        row = int(np.argmin(sound))
        what = "inverted" if finite[row] else "not finite"
        raise ValueError(
            f"the box {boxes[row].tolist()} is {what}. Expected x1, y1, x2, y2 "
            "in pixels."
        )


def require_scores(scores):
    """Raises unless scores are finite.

    Example:

    >>> require_scores(np.array([0.5]))
    """
    if not np.isfinite(scores).all():
        wrong = scores[~np.isfinite(scores)][0]
        raise ValueError(f"a score is {wrong}. Expected finite numbers.")


def require_keypoints(truth, found):
    """Raises unless both have as many key points an object.

    Args:
        truth: Array (M, K, 3).
        found: Array (D, K, 3).

    Example:

    >>> require_keypoints(np.zeros((1, 5, 3)), np.zeros((2, 5, 3)))
    """
    if len(truth) and len(found) and truth.shape[1] != found.shape[1]:
        raise ValueError(
            f"each object has {found.shape[1]} key points, in the truth "
            f"{truth.shape[1]}. Expected equal numbers."
        )
    for name, points in (("truth", truth), ("detections", found)):
        if not np.isfinite(points).all():
            raise ValueError(f"a key point of the {name} is not finite.")


def require_masks(masks):
    """Masks as an array, or as a list of run lengths.

    Args:
        masks: Array (M, H, W), or a list of dicts with `"size"` and
            `"counts"`.

    Returns:
        The array or list.

    Raises:
        ValueError: If it is a list of something else.

    Example:

    >>> require_masks([{"size": [2, 2], "counts": "04"}])[0]["size"]
    [2, 2]
    """
    if isinstance(masks, list | tuple) and any(
        isinstance(mask, dict) for mask in masks
    ):
        for mask in masks:
            if not (isinstance(mask, dict) and {"size", "counts"} <= set(mask)):
                raise ValueError(
                    "expected each of the masks to be a dict of 'size' and "
                    f"'counts', received {mask!r:.60}."
                )
        return list(masks)
    masks = with_rank(masks, "masks")
    if masks.size and (masks.ndim != 3 or masks.dtype.kind not in "biuf"):
        raise ValueError(
            "expected 'masks' (M, H, W) of numbers, or run lengths; received "
            f"shape {masks.shape} of {masks.dtype}."
        )
    return masks


def require_annotated(truth, num_classes):
    """Which classes are annotated, as bools.

    Args:
        truth: Dict, maybe with `"annotated"` (C,).
        num_classes: C, or `None`.

    Returns:
        Bool array (C,), or `None` if all are.

    Raises:
        ValueError: If the shape does not fit.

    Example:

    >>> require_annotated({"annotated": [1, 0]}, 2).tolist()
    [True, False]
    """
    if not isinstance(truth, dict) or truth.get("annotated") is None:
        return None
    annotated = np.asarray(truth["annotated"], "float64")
    if annotated.ndim != 1 or num_classes not in (None, len(annotated)):
        raise ValueError(
            f"expected 'annotated' ({num_classes or 'C'},), received shape "
            f"{annotated.shape}."
        )
    return annotated > 0
