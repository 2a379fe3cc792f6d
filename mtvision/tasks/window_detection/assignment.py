"""Which object each window shows."""

import collections

from keras import ops

from mtvision.ops.boxes import box_iou
from mtvision.ops.detections import take_rows
from mtvision.ops.matching import match_anchors

Assignment = collections.namedtuple(
    "Assignment", "positive negative classes boxes"
)


def assign_windows(windows, objects, *, high, low):
    """Compares windows with the objects of the truth.

    Args:
        windows: Tensor (B, A, 4), xyxy in pixels.
        objects: `Objects`, as `ops.truth_objects.read_objects` gives them.
        high: From this IoU on, a window shows an object. The best window of
            an object does in any case.
        low: Below this IoU with all objects it shows background.

    Returns:
        `Assignment`, a named tuple of
        `positive` (B, A), bool;
        `negative` (B, A), bool: background, with its centre in no crowd and
        no difficult object;
        `classes` (B, A), int32, 0 where not positive;
        `boxes` (B, A, 4), of the object; the window itself where none is.

    Example:

    >>> from mtvision.ops.truth_objects import read_objects
    >>> boxes, classes = np.array([[[0, 0, 9, 9]]]), np.array([[3]])
    >>> objects = read_objects({"boxes": boxes, "classes": classes})
    >>> windows = np.array([[[0.0, 0, 9, 9], [50, 50, 59, 59]]])
    >>> found = assign_windows(windows, objects, high=0.5, low=0.3)
    >>> [bool(x) for x in found.negative[0]], int(found.classes[0, 0])
    ([False, True], 3)
    """
    windows = ops.cast(windows, "float32")
    iou = box_iou(objects.boxes, windows)
    match = match_anchors(
        iou, high=high, low=low, allow_low_quality=True, valid=objects.present
    )
    unsure = _centers_inside(windows, objects.boxes)
    unsure = ops.logical_and(unsure, objects.ignored[..., None])
    unsure = ops.any(unsure, axis=1)
    positive = match >= 0
    rows = ops.maximum(match, 0)
    classes = ops.take_along_axis(objects.classes, rows, axis=1)
    boxes = take_rows(objects.boxes, rows)
    return Assignment(
        positive,
        ops.logical_and(match == -1, ops.logical_not(unsure)),
        ops.where(positive, classes, 0),
        ops.where(positive[..., None], boxes, windows),
    )


def _centers_inside(windows, boxes):
    """Whether each window has its centre in each box, (B, M, A)."""
    center = ((windows[..., :2] + windows[..., 2:]) / 2)[:, None]
    low, high = boxes[:, :, None, :2], boxes[:, :, None, 2:]
    inside = ops.logical_and(center >= low, center < high)
    return ops.all(inside, axis=-1)
