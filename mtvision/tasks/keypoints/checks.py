"""Checks of truths of key points that are numpy arrays still."""

import numpy as np

from mtvision.ops.box_faults import check_boxes
from mtvision.ops.keypoint_scores import require_fields
from mtvision.ops.object_field_checks import (
    check_keypoints,
    check_keypoints_near,
)
from mtvision.ops.truth_checks import first_sample

FORMS = (
    "expected key points (B, {0}, 3) of x, y in pixels and visibility, a dict "
    "of them as 'keypoints' with 'present' (B,), or vectors (B, {1}), [p, x1, "
    "y1, ...]"
)


def check_truth(y_true, number):
    """Raises unless a numpy truth holds key points of one object a sample.

    Args:
        y_true: As for `columns.read_truth`.
        number: K.

    Raises:
        ValueError: Naming the sample.

    Example:

    >>> check_truth(np.array([[1.0, 8.0, 9.0, np.nan, np.nan]]), 2)
    """
    require_form(y_true, number)
    _check_present(_presence(y_true))
    _check_box(y_true)
    check_keypoints(_as_objects(y_true))


def check_near(y_true, image_size):
    """Raises if key points of a numpy truth are far from the image.

    Args:
        y_true: As for `check_truth`, which has passed.
        image_size: (H, W), or `None` if it is not known.

    Raises:
        ValueError: Naming the sample.

    Example:

    >>> check_near(np.array([[1.0, 8.0, 9.0]]), (16, 16))
    """
    check_keypoints_near(_as_objects(y_true), image_size)


def require_form(y_true, number):
    """Raises unless a truth has a form that `columns.read_truth` reads.

    Args:
        y_true: Tensor, array or dict of them.
        number: K.

    Raises:
        ValueError: If it has none.

    Example:

    >>> require_form({"keypoints": np.zeros((8, 5, 3))}, 5)
    """
    if isinstance(y_true, dict):
        require_fields(y_true)
        shape = tuple(y_true["keypoints"].shape)
        fits = len(shape) == 3
    else:
        shape = tuple(y_true.shape)
        fits = len(shape) == 3 or shape[1:] == (1 + 2 * number,)
    if fits and len(shape) == 3:
        fits = shape[1] == number and shape[2] in (2, 3)
    if not fits:
        forms = FORMS.format(number, 1 + 2 * number)
        raise ValueError(f"{forms}; received {shape}.")


def _presence(y_true):
    """Presence (B,) of a numpy truth, or `None` if it says nothing."""
    if isinstance(y_true, dict):
        return y_true.get("present")
    return y_true[:, 0] if y_true.ndim == 2 else None


def _check_present(present):
    if present is None:
        return
    present = np.asarray(present, "float64")
    sample = first_sample(
        present, lambda p: ~(np.isin(p, (-1, 0, 1)) | np.isnan(p))
    )
    if sample is not None:
        raise ValueError(
            f"sample {sample} has a presence of {present[sample]:g}, expected "
            "1 where the object is there, 0 where it is not, NaN or -1 where "
            "that is not known."
        )


def _check_box(y_true):
    if not isinstance(y_true, dict) or "box" not in y_true:
        return
    box = np.asarray(y_true["box"], "float64")
    # Zeros, or -1 of integers, are a box that is not known, or of no object.
    unknown = (box == 0).all(axis=-1) | (box == -1).all(axis=-1)
    present = _presence(y_true)
    if present is not None:
        unknown |= np.asarray(present) == 0
    check_boxes(np.where(unknown[:, None], np.nan, box))


def _as_objects(y_true):
    """One object a sample, as checks of several read them."""
    points = y_true["keypoints"] if isinstance(y_true, dict) else y_true
    points = np.asarray(points, "float64")
    if points.ndim == 2:
        points = points[:, 1:].reshape(len(points), -1, 2)
    if points.shape[-1] == 2:
        given = np.isfinite(points).all(axis=-1) & (points != -1).any(axis=-1)
        points = np.concatenate([points, 2.0 * given[..., None]], axis=-1)
    present = _presence(y_true)
    absent = False if present is None else np.asarray(present) == 0
    classes = np.where(absent, -1, np.zeros(len(points)))
    return {"keypoints": points[:, None], "classes": classes[:, None]}
