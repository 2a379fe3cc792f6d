"""Boxes told relative to a cell and an anchor, and back."""

from keras import ops

from mtvision.ops.box_deltas import MAX_LOG_SCALE

# Pixels. Narrower boxes are encoded as this, instead of the log of 0.
_SMALLEST_SIDE = 1e-3


def decode(deltas, cells, sizes):
    """Boxes in pixels.

    The centre is the cell's corner plus the sigmoid of the first two deltas
    in cells, so that it cannot leave the cell; the size is the anchor's times
    the exponential of the other two.

    Args:
        deltas: Tensor (B, A, 4).
        cells: Tensor (B, A, 4), xyxy in pixels.
        sizes: Tensor (B, A, 2), anchors' widths and heights in pixels.

    Returns:
        Tensor (B, A, 4), xyxy in pixels.

    Example:

    >>> box = decode(np.zeros((1, 1, 4)), np.array([[[8.0, 8, 16, 16]]]),
    ...     np.array([[[6.0, 4.0]]]))
    >>> [float(x) for x in box[0, 0]]
    [9.0, 10.0, 15.0, 14.0]

    Reference:
        Redmon and Farhadi, YOLO9000, 2017, section 2.
    """
    deltas, cells, sizes = (
        ops.cast(x, "float32") for x in (deltas, cells, sizes)
    )
    spans = cells[..., 2:] - cells[..., :2]
    centre = cells[..., :2] + ops.sigmoid(deltas[..., :2]) * spans
    log_scale = ops.minimum(deltas[..., 2:], MAX_LOG_SCALE)
    half = sizes * ops.exp(log_scale) / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)


def encode(boxes, cells, sizes):
    """What the sigmoids of centres and the log scales should be.

    Args:
        boxes: Tensor (B, A, 4), xyxy in pixels.
        cells: Tensor (B, A, 4), xyxy in pixels.
        sizes: Tensor (B, A, 2), in pixels.

    Returns:
        `(shares, log_scales)`, each (B, A, 2); shares are of the cell's
        sides, cut to 0 to 1.

    Example:

    >>> shares, scales = encode(np.array([[[9.0, 10, 15, 14]]]),
    ...     np.array([[[8.0, 8, 16, 16]]]), np.array([[[6.0, 4.0]]]))
    >>> [float(x) for x in shares[0, 0]], [float(x) for x in scales[0, 0]]
    ([0.5, 0.5], [0.0, 0.0])
    """
    boxes, cells, sizes = (
        ops.cast(x, "float32") for x in (boxes, cells, sizes)
    )
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    shares = (centres - cells[..., :2]) / (cells[..., 2:] - cells[..., :2])
    sides = ops.maximum(boxes[..., 2:] - boxes[..., :2], _SMALLEST_SIDE)
    return ops.clip(shares, 0.0, 1.0), ops.log(sides / sizes)
