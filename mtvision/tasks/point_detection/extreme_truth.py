"""Extreme points of the truth."""

import numpy as np
from keras import ops

from mtvision.ops.extreme_points import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    extreme_points,
)
from mtvision.ops.object_fields import pad_objects
from mtvision.ops.shapes import require_rank

# Pixels that a point may lie outside of its box: boxes are often rounded.
TOLERANCE = 2.0


def read_extreme_points(y_true, objects):
    """The extreme points of objects, from their masks or given as such.

    Args:
        y_true: Dict of objects, with `"extreme_points"` (B, M, 4, 2), x and y
            in pixels of top, left, bottom and right; NaN or zeros where they
            are not known; or with `"masks"` (B, M, H, W), in pixels of the
            image.
        objects: The same, as `ops.truth_objects.read_objects` gives it.

    Returns:
        `(points, known)`: tensor (B, M, 4, 2), and bool tensor (B, M).

    Raises:
        ValueError: If the truth has neither field.

    Example:

    >>> from mtvision.ops.truth_objects import read_objects
    >>> truth = {"boxes": [[[0, 0, 2, 2]]], "classes": np.array([[1]])}
    >>> truth = {**truth, "masks": np.ones((1, 1, 2, 2))}
    >>> points, _ = read_extreme_points(truth, read_objects(truth))
    >>> [[float(v) for v in point] for point in points[0, 0]]
    [[1.0, 0.0], [0.0, 1.0], [1.0, 2.0], [2.0, 1.0]]
    """
    _require_points(y_true)
    y_true = pad_objects(y_true)
    if "extreme_points" in y_true:
        points = ops.cast(y_true["extreme_points"], "float32")
        require_rank(points.shape, 4, "extreme_points (B, M, 4, 2)")
        known = ops.logical_not(ops.any(ops.isnan(points), axis=(2, 3)))
        points = ops.where(known[..., None, None], points, 0.0)
        known = ops.logical_and(known, ops.any(points != 0, axis=(2, 3)))
    else:
        require_rank(y_true["masks"].shape, 4, "masks (B, M, H, W)")
        points, known = extreme_points(y_true["masks"])
    return points, ops.logical_and(known, objects.present)


def check_extreme_points(y_true):
    """Raises unless extreme points in numpy lie at their boxes.

    Args:
        y_true: As for `read_extreme_points`, of numpy arrays.

    Raises:
        ValueError: If there are neither points nor masks, or a point lies
            outside of its box, or on the wrong side of another, by more than
            2 pixels; naming sample and object.

    Example:

    >>> points = np.array([[[[4, 0], [0, 3], [5, 6], [8, 2]]]])
    >>> check_extreme_points({
    ...     "boxes": np.array([[[0, 0, 8, 6]]]),
    ...     "classes": np.array([[1]]),
    ...     "extreme_points": points,
    ... })
    """
    _require_points(y_true)
    if "extreme_points" not in y_true:
        return
    points = y_true["extreme_points"].astype("float64")
    boxes = y_true["boxes"].astype("float64")[:, :, None]
    beyond = np.maximum(boxes[..., :2] - points, points - boxes[..., 2:])
    beyond = beyond.max(axis=-1)
    turned = np.stack(
        [
            points[:, :, TOP, 1] - points[:, :, BOTTOM, 1],
            points[:, :, LEFT, 0] - points[:, :, RIGHT, 0],
        ],
        axis=-1,
    )
    known = (points != 0).any(axis=(2, 3)) & (y_true["classes"] >= 0)
    for faults, fault in (
        (beyond, "outside of its box"),
        (turned, "on the wrong side of each other"),
    ):
        # False for NaN.
        bad = (faults > TOLERANCE).any(axis=-1) & known
        if bad.any():
            sample, row = np.argwhere(bad)[0]
            raise ValueError(
                f"sample {sample} has extreme points {fault}, by "
                f"{faults[sample, row].max():g} pixels, at its object {row}: "
                f"{points[sample, row].tolist()} at the box "
                f"{boxes[sample, row, 0].tolist()}. Expected x and y in "
                "pixels of the top, left, bottom and right point; NaN where "
                "they are not known."
            )


def _require_points(y_true):
    if not {"extreme_points", "masks"} & set(y_true):
        raise ValueError(
            "Expected a truth with 'masks' (B, M, H, W) or 'extreme_points' "
            f"(B, M, 4, 2), received {sorted(y_true)}. With "
            'mtvision.data.Batches add "masks": "masks" to the targets of '
            "the task."
        )
