"""Which truth box each anchor is to find."""

from keras import ops

BACKGROUND = -1
IN_BETWEEN = -2

# Overlaps this close to the best one, relative to it, count as equal: the
# anchors of a grid often tie, and each backend rounds in its own way.
_TIE = 1e-6


def match_anchors(iou, *, high, low, allow_low_quality=False, valid=None):
    """Matches every anchor with the truth box that it overlaps most.

    Args:
        iou: Tensor (..., M, A), overlaps of truth boxes and anchors, from 0
            to 1. Rows of padding may hold zeros, as `box_iou` gives them for
            empty boxes, negative numbers or NaN.
        high: From this overlap on, an anchor is matched.
        low: Below this overlap an anchor is background; from it to `high` it
            is neither.
        allow_low_quality: Whether the anchors that overlap a truth box more
            than all others do (there may be ties) are matched, too, however
            small the overlap: each with the truth box that itself overlaps
            most. A truth box which overlaps no anchor is left out.
        valid: `None`, or bool tensor (..., M): which rows are no padding.

    Returns:
        Tensor (..., A), int32: the row of the truth box, from 0; -1 for
        background, -2 for in between.

    Raises:
        ValueError: If `low` and `high` are not in order, or the shapes do
            not fit.

    Example:

    >>> iou = [[0.9, 0.3, 0.0, 0.5], [0.0, 0.0, 0.2, 0.6]]
    >>> [int(x) for x in match_anchors(iou, high=0.7, low=0.3)]
    [0, -2, -1, -2]
    >>> forced = match_anchors(iou, high=0.7, low=0.3, allow_low_quality=True)
    >>> [int(x) for x in forced]
    [0, -2, -1, 1]

    Reference:
        Ren et al., Faster R-CNN, 2015. Equal to torchvision's `Matcher`, but
        for truth boxes without any overlap: there, one such box makes every
        anchor that misses it a low-quality match.
    """
    _require_order(low, high)
    iou = ops.cast(iou, "float32")
    _require_overlaps(iou, valid)
    if iou.shape[-2] == 0:
        nothing = ops.sum(iou, axis=-2)
        return ops.full_like(nothing, BACKGROUND, dtype="int32")
    iou = ops.where(iou >= 0, iou, -1.0)  # False for NaN
    if valid is not None:
        iou = ops.where(ops.expand_dims(valid, -1), iou, -1.0)
    nearest = ops.cast(ops.argmax(iou, axis=-2), "int32")
    best = ops.max(iou, axis=-2)
    match = ops.where(best >= high, nearest, IN_BETWEEN)
    match = ops.where(best < low, BACKGROUND, match)
    if allow_low_quality:
        match = ops.where(_is_best_of_any(iou), nearest, match)
    return match


def _is_best_of_any(iou):
    """Which anchors are the best that some truth box has: (..., A)."""
    best = ops.max(iou, axis=-1, keepdims=True)
    is_best = ops.logical_and(iou >= best * (1 - _TIE), best > 0)
    return ops.any(is_best, axis=-2)


def _require_order(low, high):
    if not 0 <= low <= high <= 1:
        raise ValueError(
            f"Expected 0 <= low <= high <= 1, received low={low}, high={high}."
        )


def _require_overlaps(iou, valid):
    shape = tuple(iou.shape)
    if len(shape) < 2:
        raise ValueError(
            "Expected overlaps (..., M, A) of M truth boxes and A anchors; "
            f"received shape {shape}."
        )
    if valid is not None and len(valid.shape) != len(shape) - 1:
        raise ValueError(
            f"Expected valid of shape {shape[:-1]}, one value a row of iou; "
            f"received shape {tuple(valid.shape)}."
        )
