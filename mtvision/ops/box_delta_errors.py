"""Errors of boxes told as deltas."""

from keras import ops

from mtvision.ops.box_deltas import encode_boxes


def delta_errors(boxes, anchors, deltas, *, weights, beta):
    """Smooth L1 errors of deltas, summed over the four of a box.

    Args:
        boxes: Tensor (..., 4), truth, xyxy in pixels.
        anchors: Tensor (..., 4), what the deltas start from.
        deltas: Tensor (..., 4), predictions.
        weights: Those of `encode_boxes`.
        beta: Where the squared and the absolute part meet, in weighted
            deltas; 0 gives the absolute error.

    Returns:
        Tensor (...), float32.

    Example:

    >>> box = np.array([0.0, 0.0, 8.0, 8.0])
    >>> deltas = np.array([0.0, 0.5, 2.0, 0.0])
    >>> ones = (1.0, 1.0, 1.0, 1.0)
    >>> float(delta_errors(box, box, deltas, weights=ones, beta=1.0))
    1.625

    Reference:
        Girshick, Fast R-CNN, 2015. Equal to PyTorch's `smooth_l1_loss`.
    """
    truth = encode_boxes(boxes, anchors, weights=weights)
    error = ops.abs(ops.cast(deltas, "float32") - truth)
    if beta > 0:
        bend = ops.minimum(error, beta)
        error = bend * (error - bend / 2) / beta
    return ops.sum(error, axis=-1)
