"""Boxes: xyxy, absolute pixels, always computed in float32."""

import math

from keras import ops

KINDS = ("iou", "giou", "diou", "ciou")

# Square pixels. Shares of less than this are 0 instead of 0 / 0, in the value
# and in the gradient.
_SMALLEST_AREA = 1e-12
# Pixels. The squares of larger coordinates would leave float32.
_LARGEST_COORDINATE = 1e9
# Added to denominators by torchvision's losses, too.
_EPSILON = 1e-7


def require_boxes(boxes, name):
    """Raises unless a tensor holds four coordinates a box.

    Args:
        boxes: Tensor (..., 4), of any backend or symbolic.
        name: What is checked, for the message.

    Raises:
        ValueError: If the last axis is not of size 4.

    Example:

    >>> require_boxes(np.zeros((8, 100, 4)), "anchors")
    """
    shape = tuple(boxes.shape)
    if not shape or shape[-1] != 4:
        raise ValueError(
            f"Expected {name} of shape (..., 4), each x1, y1, x2, y2 in "
            f"pixels; received shape {shape}."
        )


def require_broadcast(a, b, name):
    """Raises unless axes fit each other, as in a sum.

    Args:
        a: Tuple, sizes of axes, `None` where not known.
        b: The same of another tensor.
        name: What is checked, for the message.

    Raises:
        ValueError: If two sizes differ and neither is 1.

    Example:

    >>> require_broadcast((8, 100), (100,), "boxes and anchors")
    """
    pairs = zip(reversed(tuple(a)), reversed(tuple(b)))
    if not all(m == n or {m, n} & {1, None} for m, n in pairs):
        raise ValueError(
            f"Expected {name} with axes of the same size or of size 1, "
            f"received {tuple(a)} and {tuple(b)}."
        )


def finite_boxes(boxes):
    """Boxes in float32, with the broken ones emptied.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.

    Returns:
        Tensor (..., 4), float32; four zeros for a box with a coordinate that
        is NaN, infinite or beyond 1e9 pixels.

    Raises:
        ValueError: If the last axis is not of size 4.

    Example:

    >>> boxes = finite_boxes([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, np.nan]])
    >>> [[float(x) for x in box] for box in boxes]
    [[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0]]
    """
    boxes = ops.cast(boxes, "float32")
    require_boxes(boxes, "boxes")
    # False for NaN.
    is_small = ops.abs(boxes) < _LARGEST_COORDINATE
    return ops.where(ops.all(is_small, axis=-1, keepdims=True), boxes, 0.0)


def box_area(boxes):
    """Area of boxes; zero where they are empty or inverted.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.

    Returns:
        Tensor (...), float32, in square pixels.

    Raises:
        ValueError: If the last axis is not of size 4.

    Example:

    >>> float(box_area([10.0, 10.0, 14.0, 13.0]))
    12.0
    """
    return _area(box_sides(boxes))


def clip_boxes(boxes, height, width):
    """Moves the corners of boxes into the image.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.
        height: Image height in pixels, number or scalar tensor.
        width: Image width in pixels, number or scalar tensor.

    Returns:
        Tensor (..., 4), float32. A box wholly outside becomes empty.

    Raises:
        ValueError: If the last axis is not of size 4.

    Example:

    >>> [float(x) for x in clip_boxes([-3.0, 2.0, 9.0, 99.0], 50, 80)]
    [0.0, 2.0, 9.0, 50.0]
    """
    boxes = ops.cast(boxes, "float32")
    require_boxes(boxes, "boxes")
    limits = ops.stack([ops.cast(x, "float32") for x in (width, height) * 2])
    return ops.minimum(ops.maximum(boxes, 0.0), limits)


def empty_small_boxes(boxes, min_size):
    """Boxes with zeros in place of those that are too small.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.
        min_size: Smallest width and height that stay, in pixels.

    Returns:
        Tensor (..., 4).

    Example:

    >>> boxes = np.array([[1.0, 1.0, 9.0, 9.0], [1.0, 1.0, 9.0, 2.0]])
    >>> [[int(x) for x in box] for box in empty_small_boxes(boxes, 2.0)]
    [[1, 1, 9, 9], [0, 0, 0, 0]]
    """
    sides = boxes[..., 2:] - boxes[..., :2]
    is_large = ops.all(sides >= min_size, axis=-1, keepdims=True)
    return ops.where(is_large, boxes, 0.0)


def box_sides(boxes):
    """The four sides of boxes, fit to compute with.

    Args:
        boxes: Tensor (..., 4), xyxy in pixels.

    Returns:
        `(left, top, right, bottom)`, each (...), float32. An inverted box is
        empty (its right is its left), and so is a broken one, as in
        `finite_boxes`.

    Raises:
        ValueError: If the last axis is not of size 4.

    Example:

    >>> [float(x) for x in box_sides([5.0, 1.0, 2.0, 4.0])]
    [5.0, 1.0, 5.0, 4.0]
    """
    boxes = finite_boxes(boxes)
    left, top = boxes[..., 0], boxes[..., 1]
    right, bottom = boxes[..., 2], boxes[..., 3]
    # The slope of a box without width goes to its right side.
    right = ops.where(right >= left, right, left)
    return left, top, right, ops.where(bottom >= top, bottom, top)


def box_iou(a, b, *, kind="iou"):
    """Overlap of every box in `a` with every box in `b`.

    Args:
        a: Tensor (..., N, 4), xyxy in pixels.
        b: Tensor (..., M, 4), with first axes that broadcast with those of
            `a`.
        kind: As in `aligned_box_iou`.

    Returns:
        Tensor (..., N, M), float32.

    Raises:
        ValueError: If `kind` is unknown or the shapes do not fit.

    Example:

    >>> a = [[0.0, 0.0, 4.0, 4.0], [2.0, 0.0, 6.0, 4.0]]
    >>> [[round(float(x), 2) for x in row] for row in box_iou(a, a)]
    [[1.0, 0.33], [0.33, 1.0]]
    """
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    if min(len(a.shape), len(b.shape)) < 2:
        raise ValueError(
            "Expected lists of boxes, (..., N, 4) and (..., M, 4); received "
            f"shapes {tuple(a.shape)} and {tuple(b.shape)}. For pairs of "
            "boxes there is aligned_box_iou."
        )
    require_broadcast(a.shape[:-2], b.shape[:-2], "lists of boxes")
    a = tuple(ops.expand_dims(side, -1) for side in box_sides(a))
    b = tuple(ops.expand_dims(side, -2) for side in box_sides(b))
    return _overlap(a, b, kind, ops.maximum, ops.minimum)


def aligned_box_iou(a, b, *, kind="iou"):
    """Overlap of each box in `a` with the box at its place in `b`.

    A box that is empty or inverted has an IoU of 0 with every box, and a box
    with a NaN or infinite coordinate counts as empty. Neither the value nor
    the gradient is ever NaN. Where two sides lie on each other, both have
    half of the slope, so that a perfect box stays where it is.

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
        ValueError: If `kind` is unknown or the shapes do not fit.

    Example:

    >>> a, b = [0.0, 0.0, 4.0, 4.0], [2.0, 0.0, 6.0, 4.0]
    >>> [round(float(aligned_box_iou(a, b, kind=k)), 3) for k in KINDS]
    [0.333, 0.333, 0.256, 0.256]

    Reference:
        Generalized IoU: Rezatofighi et al., 2019. Distance and complete
        IoU: Zheng et al., 2020. Equal to torchvision where that is finite.
    """
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    require_broadcast(a.shape[:-1], b.shape[:-1], "pairs of boxes")
    return _overlap(box_sides(a), box_sides(b), kind, _larger, _smaller)


def _overlap(a, b, kind, larger, smaller):
    """Overlap of boxes given by their sides.

    `larger` and `smaller` are the maximum and minimum of two tensors.
    """
    if kind not in KINDS:
        raise ValueError(
            f"Expected kind to be one of {KINDS}, received kind={kind!r}."
        )
    intersection = _intersection(a, b, larger, smaller)
    union = _area(a) + _area(b) - intersection
    iou = _share(intersection, union)
    if kind == "iou":
        return iou
    hull = _hull(a, b, larger, smaller)
    if kind == "giou":
        area = _area(hull)
        return iou - _share(area - union, area)
    iou_and_distance = iou - _centre_distance(a, b, hull)
    if kind == "diou":
        return iou_and_distance
    return iou_and_distance - _aspect_penalty(a, b, iou)


def _size(sides):
    left, top, right, bottom = sides
    return right - left, bottom - top


def _area(sides):
    width, height = _size(sides)
    return width * height


def _intersection(a, b, larger, smaller):
    width = smaller(a[2], b[2]) - larger(a[0], b[0])
    height = smaller(a[3], b[3]) - larger(a[1], b[1])
    # relu has no slope at 0, where boxes touch.
    return ops.relu(width) * ops.relu(height)


def _hull(a, b, larger, smaller):
    left, top = (smaller(x, y) for x, y in zip(a[:2], b[:2]))
    right, bottom = (larger(x, y) for x, y in zip(a[2:], b[2:]))
    return left, top, right, bottom


def _larger(a, b):
    # In both orders: where the two are equal, TensorFlow gives the first the
    # whole slope, the other backends half of it.
    return (ops.maximum(a, b) + ops.maximum(b, a)) / 2


def _smaller(a, b):
    return (ops.minimum(a, b) + ops.minimum(b, a)) / 2


def _share(part, whole):
    return part / ops.where(whole > _SMALLEST_AREA, whole, math.inf)


def _centre_distance(a, b, hull):
    """Squared distance of the centres over the hull's squared diagonal."""
    x = (a[0] + a[2] - b[0] - b[2]) / 2
    y = (a[1] + a[3] - b[1] - b[3]) / 2
    width, height = _size(hull)
    return _share(
        ops.square(x) + ops.square(y), ops.square(width) + ops.square(height)
    )


def _aspect_penalty(a, b, iou):
    difference = _aspect_angle(a) - _aspect_angle(b)
    v = 4 / math.pi**2 * ops.square(difference)
    # The trade-off weight is held fixed, as the paper and torchvision do.
    rest = ops.maximum(1 - iou, 0.0) + v
    return ops.stop_gradient(v / (rest + _EPSILON)) * v


def _aspect_angle(sides):
    """Angle of width against height; 0 for a point."""
    width, height = _size(sides)
    # arctan2 and not width / height: the slope of that overflows for thin
    # boxes, and its own is undefined at (0, 0).
    is_point = ops.maximum(width, height) < _EPSILON
    width = ops.where(is_point, 0.0, width)
    return ops.arctan2(width, ops.where(is_point, 1.0, height))
