"""Candidates for suppression: boxes with a score and maybe a class."""

import math

import numpy as np
from keras import ops

from mtvision.ops.shapes import require_rank

# Candidates that are handled at once: fastest of 64 to 256 on two CPU cores
# under XLA.
TILE = 256


def standardize_candidates(boxes, scores, classes=None):
    """Boxes, scores and classes as tensors, after a check of their shapes.

    Args:
        boxes: Tensor (B, N, 4).
        scores: Tensor (B, N).
        classes: Integer tensor (B, N), or None.

    Returns:
        The same: float32, float32 and int32 or None.

    Raises:
        ValueError: If a rank or a size is wrong, or N is unknown.
    """
    boxes, scores = ops.cast(boxes, "float32"), ops.cast(scores, "float32")
    require_rank(boxes.shape, 3, "boxes (B, N, 4)")
    if boxes.shape[2] != 4 or boxes.shape[1] is None:
        raise ValueError(
            "Expected boxes (B, N, 4) as x1, y1, x2, y2, with N known when "
            f"the graph is built, received shape {tuple(boxes.shape)}. Pad "
            "boxes to a fixed number, with a score of minus infinity."
        )
    _require_one_for_each_box(scores, boxes, "scores")
    if classes is not None:
        classes = ops.cast(classes, "int32")
        _require_one_for_each_box(classes, boxes, "classes")
    return boxes, scores, classes


def mask_candidates(boxes, scores, classes=None, *, score_threshold=None):
    """Marks what can never be chosen by a score of minus infinity.

    Args:
        boxes: Tensor (B, N, 4), float32.
        scores: Tensor (B, N), float32.
        classes: Tensor (B, N), int32, or None.
        score_threshold: Number, or None.

    Returns:
        Boxes, scores and classes. The boxes marked are zeros. No gradient
        flows back.

    Example:

    >>> boxes, nan = keras.ops.ones((1, 3, 4)), float("nan")
    >>> scores = keras.ops.convert_to_tensor([[0.3, nan, 0.1]])
    >>> _, scores, _ = mask_candidates(boxes, scores, score_threshold=0.2)
    >>> [round(float(s), 2) for s in scores[0]]
    [0.3, -inf, -inf]
    """
    boxes, scores = ops.stop_gradient(boxes), ops.stop_gradient(scores)
    lowest = float("-inf")
    if score_threshold is None:
        score_threshold = lowest
    sound = ops.all(ops.isfinite(boxes), axis=-1)
    sound = ops.logical_and(sound, scores > score_threshold)
    if classes is not None:
        sound = ops.logical_and(sound, classes >= 0)
    boxes = ops.where(ops.expand_dims(sound, -1), boxes, 0.0)
    scores = ops.where(scores == 0, 0.0, scores)  # XLA sorts -0.0 below 0.0
    return boxes, ops.where(sound, scores, lowest), classes


def pad_candidates(boxes, scores, classes):
    """Fills up to whole tiles, with one row of padding at least.

    So what is compiled once serves several numbers of boxes.

    Args:
        boxes: Tensor (B, N, 4), float32.
        scores: Tensor (B, N), float32.
        classes: Tensor (B, N), int32, or None.

    Returns:
        The same with M > N rows, a multiple of `TILE`; those added are
        zeros, with a score of minus infinity.
    """
    rows = (ops.shape(boxes)[0], TILE - boxes.shape[1] % TILE)
    zeros = ops.zeros((*rows, 4), dtype="float32")
    lowest = ops.full(rows, float("-inf"), dtype="float32")
    boxes = ops.concatenate([boxes, zeros], axis=1)
    scores = ops.concatenate([scores, lowest], axis=1)
    if classes is not None:
        nothing = ops.full(rows, -1, dtype="int32")
        classes = ops.concatenate([classes, nothing], axis=1)
    return boxes, scores, classes


def coordinate_planes(boxes):
    """Coordinates and areas of boxes, one row each.

    Args:
        boxes: Tensor (B, N, 4), float32.

    Returns:
        Tensor (B, 5, N): x1, y1, x2, y2, area. Areas are negative where one
        side is, so that boxes without area behave as in torchvision.
    """
    x1, y1, x2, y2 = (boxes[..., i] for i in range(4))
    return ops.stack([x1, y1, x2, y2, (x2 - x1) * (y2 - y1)], axis=1)


def plane_iou(a, b):
    """IoU of each box in `a` with each box in `b`.

    Args:
        a: Tensor (B, 5, S), from `coordinate_planes`.
        b: Tensor (B, 5, T).

    Returns:
        Tensor (B, S, T), NaN for two boxes without area.
    """
    a, b = ops.expand_dims(a, 3), ops.expand_dims(b, 2)
    width = ops.minimum(a[:, 2], b[:, 2]) - ops.maximum(a[:, 0], b[:, 0])
    height = ops.minimum(a[:, 3], b[:, 3]) - ops.maximum(a[:, 1], b[:, 1])
    inter = ops.maximum(width, 0.0) * ops.maximum(height, 0.0)
    # Not `inter > threshold * union`, which rounds in another way.
    return inter / (a[:, 4] + b[:, 4] - inter)


def require_number(value, argument, lowest=-math.inf, highest=math.inf):
    """Raises unless an option is a number within its range.

    Args:
        value: What was given.
        argument: Name of the argument.
        lowest: The smallest number allowed.
        highest: The largest number allowed.

    Raises:
        ValueError: If it is no such number.

    Example:

    >>> require_number(0.5, "iou_threshold", 0, 1)
    """
    is_number = isinstance(value, (int, float, np.number))
    if not is_number or not lowest <= value <= highest:
        raise ValueError(
            f"Expected {argument} as a number from {lowest} to {highest}, "
            f"received {value!r}."
        )


def _require_one_for_each_box(values, boxes, name):
    fits = [m == n or None in (m, n) for m, n in zip(values.shape, boxes.shape)]
    if len(values.shape) != 2 or not all(fits):
        raise ValueError(
            f"Expected {name} (B, N), one for each of the boxes (B, N, 4) of "
            f"shape {tuple(boxes.shape)}, received {tuple(values.shape)}."
        )
