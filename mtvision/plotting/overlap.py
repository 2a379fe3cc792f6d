"""Which predicted boxes miss the truth."""

import keras
import numpy as np

from mtvision import ops

# PASCAL VOC (Everingham et al., 2010) calls a box right from here on.
RIGHT = 0.5


def missed_boxes(boxes, classes, true_boxes, true_classes):
    """Which boxes lie on no true box of their class, or on one that a box
    before them has.

    Args:
        boxes: Predicted boxes (N, 4), xyxy in pixels, the surest first.
        classes: Their classes (N,), or None.
        true_boxes: (M, 4).
        true_classes: (M,), or None.

    Returns:
        Bool array (N,).

    Example:

    >>> boxes = [[0, 0, 4, 4], [0, 0, 4, 4], [9, 9, 12, 12]]
    >>> missed_boxes(boxes, [1, 1, 1], boxes[:1], [1]).tolist()
    [False, True, True]
    """
    missed = np.ones(len(boxes), "bool")
    if not len(boxes) or not len(true_boxes):
        return missed
    overlaps = np.array(pairwise_iou(boxes, true_boxes))
    if classes is not None and true_classes is not None:
        overlaps[np.not_equal.outer(classes, true_classes)] = 0
    for row, overlap in enumerate(overlaps):
        best = overlap.argmax()
        if overlap[best] >= RIGHT:
            missed[row] = False
            overlaps[:, best] = 0
    return missed


def pairwise_iou(a, b):
    """IoU (N, M) of boxes (N, 4) with boxes (M, 4), a numpy array."""
    a, b = np.asarray(a, "float32"), np.asarray(b, "float32")
    return keras.ops.convert_to_numpy(ops.box_iou(a, b))
