"""Boxes: xyxy, absolute pixels, always computed in float32."""

import functools
import math

from keras import ops

KINDS = ("iou", "giou", "diou", "ciou")

# Square pixels added to denominators, as in torchvision's box losses: a box
# without area gives 0 instead of 0 / 0, in the value and in the gradient.
EPSILON = 1e-7


def box_area(boxes):
    """Area of boxes; zero where they are empty or inverted.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.

    Returns:
        Tensor (...), float32, in square pixels.

    Example:

    >>> float(box_area([10.0, 10.0, 14.0, 13.0]))
    12.0
    """
    width, height = _size(ops.cast(boxes, "float32"))
    return width * height


def clip_boxes(boxes, height, width):
    """Moves the corners of boxes into the image.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.
        height: Image height in pixels, number or scalar tensor.
        width: Image width in pixels, number or scalar tensor.

    Returns:
        Tensor (..., 4), float32. A box wholly outside becomes empty.

    Example:

    >>> [float(x) for x in clip_boxes([-3.0, 2.0, 9.0, 99.0], 50, 80)]
    [0.0, 2.0, 9.0, 50.0]
    """
    boxes = ops.cast(boxes, "float32")
    limits = ops.stack([ops.cast(x, "float32") for x in (width, height) * 2])
    return ops.minimum(ops.maximum(boxes, 0.0), limits)


def box_iou(a, b, *, kind="iou"):
    """Overlap of every box in `a` with every box in `b`.

    Args:
        a: Tensor (..., N, 4), xyxy in pixels.
        b: Tensor (..., M, 4).
        kind: As in `aligned_box_iou`.

    Returns:
        Tensor (..., N, M), float32.

    Example:

    >>> a = [[0.0, 0.0, 4.0, 4.0], [2.0, 0.0, 6.0, 4.0]]
    >>> [[round(float(x), 2) for x in row] for row in box_iou(a, a)]
    [[1.0, 0.33], [0.33, 1.0]]
    """
    a = ops.expand_dims(ops.cast(a, "float32"), -2)
    b = ops.expand_dims(ops.cast(b, "float32"), -3)
    return aligned_box_iou(a, b, kind=kind)


def aligned_box_iou(a, b, *, kind="iou"):
    """Overlap of each box in `a` with the box at its place in `b`.

    A box that is empty or inverted has an IoU of 0 with every box; neither
    the value nor the gradient is ever NaN.

    Args:
        a: Tensor (..., 4), xyxy in pixels.
        b: Tensor (..., 4), of a shape that broadcasts with `a`.
        kind: `"iou"` (0 to 1), or the forms that also tell apart boxes
            which do not touch: `"giou"` takes off the share of the common
            hull that neither box fills, `"diou"` the squared distance of
            the centres over the hull's squared diagonal, `"ciou"` that and
            a term for the aspect ratio.

    Returns:
        Tensor (...), float32.

    Raises:
        ValueError: If `kind` is unknown.

    Example:

    >>> a, b = [0.0, 0.0, 4.0, 4.0], [2.0, 0.0, 6.0, 4.0]
    >>> [round(float(aligned_box_iou(a, b, kind=k)), 3) for k in KINDS]
    [0.333, 0.333, 0.256, 0.256]

    Reference:
        Generalized IoU: Rezatofighi et al., 2019. Distance and complete
        IoU: Zheng et al., 2020.
    """
    if kind not in KINDS:
        raise ValueError(
            f"Expected kind to be one of {KINDS}, received kind={kind!r}."
        )
    a, b = ops.cast(a, "float32"), ops.cast(b, "float32")
    intersection, union = _intersection_and_union(a, b)
    iou = intersection / (union + EPSILON)
    if kind == "iou":
        return iou
    hull = _hull(a, b)
    if kind == "giou":
        area = box_area(hull)
        return iou - (area - union) / (area + EPSILON)
    iou_and_distance = iou - _centre_distance(a, b, hull)
    if kind == "diou":
        return iou_and_distance
    return iou_and_distance - _aspect_penalty(a, b, iou)


def _size(boxes):
    width = ops.maximum(boxes[..., 2] - boxes[..., 0], 0.0)
    height = ops.maximum(boxes[..., 3] - boxes[..., 1], 0.0)
    return width, height


def _intersection_and_union(a, b):
    top_left = ops.maximum(a[..., :2], b[..., :2])
    bottom_right = ops.minimum(a[..., 2:], b[..., 2:])
    inside = ops.concatenate([top_left, bottom_right], axis=-1)
    # An inverted box reaches around a common part that is not its own.
    area_a, area_b = box_area(a), box_area(b)
    is_real = ops.logical_and(area_a > 0, area_b > 0)
    intersection = ops.where(is_real, box_area(inside), 0.0)
    return intersection, area_a + area_b - intersection


def _hull(a, b):
    # Over all corners: the hull of inverted boxes must hold their centres, or
    # the distance of the centres is no longer bounded by the diagonal.
    corners = (a[..., :2], a[..., 2:], b[..., :2], b[..., 2:])
    top_left = functools.reduce(ops.minimum, corners)
    bottom_right = functools.reduce(ops.maximum, corners)
    return ops.concatenate([top_left, bottom_right], axis=-1)


def _centre_distance(a, b, hull):
    """Squared distance of the centres over the hull's squared diagonal."""
    between = (a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2
    diagonal = hull[..., 2:] - hull[..., :2]
    return ops.sum(ops.square(between), axis=-1) / (
        ops.sum(ops.square(diagonal), axis=-1) + EPSILON
    )


def _aspect_penalty(a, b, iou):
    difference = _aspect_angle(a) - _aspect_angle(b)
    v = 4 / math.pi**2 * ops.square(difference)
    # The trade-off weight is held fixed, as the paper and torchvision do.
    alpha = ops.stop_gradient(v / (1 - iou + v + EPSILON))
    return alpha * v


def _aspect_angle(boxes):
    """Angle of width against height; 0 for a box without area."""
    width, height = _size(boxes)
    # arctan2 and not width / height: the slope of that overflows for thin
    # boxes, and its own is undefined at (0, 0).
    is_real = ops.logical_and(width > EPSILON, height > EPSILON)
    width = ops.where(is_real, width, 0.0)
    height = ops.where(is_real, height, 1.0)
    return ops.arctan2(width, height)
