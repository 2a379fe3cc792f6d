"""Extreme points of the truth."""

from keras import ops

from mtvision.ops.extreme_points import extreme_points
from mtvision.ops.object_fields import pad_objects
from mtvision.ops.shapes import require_rank


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
    y_true = pad_objects(y_true)
    if "extreme_points" in y_true:
        points = ops.cast(y_true["extreme_points"], "float32")
        require_rank(points.shape, 4, "extreme_points (B, M, 4, 2)")
        known = ops.logical_not(ops.any(ops.isnan(points), axis=(2, 3)))
        points = ops.where(known[..., None, None], points, 0.0)
        known = ops.logical_and(known, ops.any(points != 0, axis=(2, 3)))
    elif "masks" in y_true:
        require_rank(y_true["masks"].shape, 4, "masks (B, M, H, W)")
        points, known = extreme_points(y_true["masks"])
    else:
        raise ValueError(
            "Expected a truth with 'masks' (B, M, H, W) or 'extreme_points' "
            f"(B, M, 4, 2), received {sorted(y_true)}. With "
            'mtvision.data.Batches add "masks": "masks" to the targets of '
            "the task."
        )
    return points, ops.logical_and(known, objects.present)
