"""Boxes told relative to anchors, and back; always in float32."""

import math

from keras import ops

from mtvision.ops.boxes import (
    box_sides,
    finite_boxes,
    require_broadcast,
)

# Deltas of a width or height beyond this are cut, as in Detectron and
# torchvision: a box is at most 1000 / 16 times as large as its anchor.
MAX_LOG_SCALE = math.log(1000 / 16)

# Pixels. Narrower boxes are encoded as this, instead of the log of 0.
_SMALLEST_SIDE = 1e-6


def encode_boxes(boxes, anchors, *, weights=(1.0, 1.0, 1.0, 1.0)):
    """Deltas that lead from anchors to boxes.

    `dx = wx (x - xa) / wa`, `dy = wy (y - ya) / ha`, `dw = ww log(w / wa)`,
    `dh = wh log(h / ha)`, with the centres (x, y) and sizes (w, h) of boxes
    and anchors. Weights are what SSD's code calls variances, inverted: its
    (0.1, 0.1, 0.2, 0.2) are the weights (10, 10, 5, 5), as keras-cv's are.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.
        anchors: Tensor (..., 4) of a shape that broadcasts with `boxes`. An
            anchor without area has deltas of 0.
        weights: Four positive factors, of x, y, width and height.

    Returns:
        Tensor (..., 4), float32, always finite.

    Raises:
        ValueError: If the shapes do not fit, or the weights are not four
            positive numbers.

    Example:

    >>> anchor, box = [0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0]
    >>> [float(x) for x in encode_boxes(box, anchor)]
    [0.5, 0.0, 0.0, 0.0]

    Reference:
        Girshick et al., R-CNN, 2014. Equal to torchvision's `BoxCoder` where
        that is finite.
    """
    weights = _as_weights(weights)
    centre, size = _centre_and_size(boxes)
    anchor_centre, anchor_size = _centre_and_size(anchors)
    require_broadcast(size.shape, anchor_size.shape, "boxes and anchors")
    size = ops.maximum(size, _SMALLEST_SIDE)
    has_area, anchor_size = _safe_size(anchor_size)
    shift = (centre - anchor_centre) / anchor_size
    log_scale = ops.log(size / anchor_size)
    deltas = ops.concatenate([shift, log_scale], axis=-1)
    return ops.where(has_area, deltas * weights, 0.0)


def decode_boxes(
    deltas,
    anchors,
    *,
    weights=(1.0, 1.0, 1.0, 1.0),
    max_log_scale=MAX_LOG_SCALE,
):
    """Boxes that deltas lead to: the reverse of `encode_boxes`.

    Args:
        deltas: Tensor (..., 4). For one box a class, (..., C, 4) with anchors
            (..., 1, 4).
        anchors: Tensor (..., 4), xyxy in pixels, of a shape that broadcasts
            with `deltas`. An anchor without area stays as it is.
        weights: As they were when encoding.
        max_log_scale: Largest log of a box's width or height over its
            anchor's. It keeps a wild delta from an infinite box.

    Returns:
        Tensor (..., 4), xyxy in pixels, float32.

    Raises:
        ValueError: If the shapes do not fit, or the weights are not four
            positive numbers.

    Example:

    >>> anchor, delta = [0.0, 0.0, 10.0, 10.0], [0.5, 0.0, 0.0, 0.0]
    >>> [float(x) for x in decode_boxes(delta, anchor)]
    [5.0, 0.0, 15.0, 10.0]

    Reference:
        Girshick et al., R-CNN, 2014. Equal to torchvision's `BoxCoder`.
    """
    deltas = _as_deltas(deltas) / _as_weights(weights)
    anchor_centre, anchor_size = _centre_and_size(anchors)
    require_broadcast(
        deltas.shape[:-1], anchor_size.shape[:-1], "deltas and anchors"
    )
    centre = anchor_centre + deltas[..., :2] * anchor_size
    log_scale = ops.minimum(deltas[..., 2:], max_log_scale)
    half = ops.exp(log_scale) * anchor_size / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)


def encode_distances(boxes, anchors, *, normalize=True):
    """Distances from the centres of anchors to the sides of boxes.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.
        anchors: Tensor (..., 4) of a shape that broadcasts with `boxes`.
        normalize: Whether distances are in widths and heights of the anchor,
            or in pixels. An anchor without area then has distances of 0.

    Returns:
        Tensor (..., 4), float32: left, top, right, bottom; negative where the
        centre is beyond that side.

    Raises:
        ValueError: If the shapes do not fit.

    Example:

    >>> anchor, box = [0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0]
    >>> [float(x) for x in encode_distances(box, anchor, normalize=False)]
    [0.0, 5.0, 10.0, 5.0]

    Reference:
        Tian et al., FCOS, 2019. Equal to torchvision's `BoxLinearCoder`.
    """
    boxes = finite_boxes(boxes)
    centre, size = _centre_and_size(anchors)
    require_broadcast(boxes.shape[:-1], size.shape[:-1], "boxes and anchors")
    before, after = centre - boxes[..., :2], boxes[..., 2:] - centre
    distances = ops.concatenate([before, after], axis=-1)
    if not normalize:
        return distances
    has_area, size = _safe_size(size)
    return ops.where(has_area, distances / _twice(size), 0.0)


def decode_distances(distances, anchors, *, normalize=True):
    """Boxes that distances lead to: the reverse of `encode_distances`.

    Args:
        distances: Tensor (..., 4): left, top, right, bottom.
        anchors: Tensor (..., 4), xyxy in pixels, of a shape that broadcasts
            with `distances`.
        normalize: As it was when encoding.

    Returns:
        Tensor (..., 4), xyxy in pixels, float32.

    Raises:
        ValueError: If the shapes do not fit.

    Example:

    >>> anchor, distances = [0.0, 0.0, 10.0, 10.0], [0.0, 5.0, 10.0, 5.0]
    >>> box = decode_distances(distances, anchor, normalize=False)
    >>> [float(x) for x in box]
    [5.0, 0.0, 15.0, 10.0]

    Reference:
        Tian et al., FCOS, 2019. Equal to torchvision's `BoxLinearCoder`.
    """
    distances = _as_deltas(distances)
    centre, size = _centre_and_size(anchors)
    require_broadcast(
        distances.shape[:-1], size.shape[:-1], "distances and anchors"
    )
    if normalize:
        distances = distances * _twice(size)
    before, after = distances[..., :2], distances[..., 2:]
    return ops.concatenate([centre - before, centre + after], axis=-1)


def _centre_and_size(boxes):
    left, top, right, bottom = box_sides(boxes)
    first = ops.stack([left, top], axis=-1)
    size = ops.stack([right, bottom], axis=-1) - first
    return first + size / 2, size


def _safe_size(size):
    """Whether there is an area, (..., 1), and a size to divide by."""
    has_area = ops.all(size > _SMALLEST_SIDE, axis=-1, keepdims=True)
    return has_area, ops.where(has_area, size, 1.0)


def _twice(size):
    return ops.concatenate([size, size], axis=-1)


def _as_deltas(deltas):
    deltas = ops.cast(deltas, "float32")
    if not len(deltas.shape) or deltas.shape[-1] != 4:
        raise ValueError(
            "Expected deltas of shape (..., 4), received shape "
            f"{tuple(deltas.shape)}. Reshape (..., C * 4), one box a class, to "
            "(..., C, 4) and give the anchors an axis before the last."
        )
    return deltas


def _as_weights(weights):
    if len(weights) != 4 or not all(weight > 0 for weight in weights):
        raise ValueError(
            "Expected four positive weights, of x, y, width and height; "
            f"received weights={tuple(weights)}."
        )
    return ops.convert_to_tensor(weights, dtype="float32")
