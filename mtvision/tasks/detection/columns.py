"""The columns of dense detections, named here and nowhere else."""

from keras import ops

# Deltas before the class logits, anchors after them.
BOX_COLUMNS = 4


def split(outputs):
    """Takes the rows of an anchor-based head apart.

    Args:
        outputs: Tensor (..., 4 + C + 4): deltas from the anchor to the box,
            C class logits (where a softmax is taken, the first of them is
            the background's), and the anchor, xyxy in pixels.

    Returns:
        `(deltas, logits, anchors)` of shapes (..., 4), (..., C), (..., 4).

    Example:

    >>> deltas, logits, anchors = split(np.arange(10.0))
    >>> deltas.tolist(), logits.tolist(), anchors.tolist()
    ([0.0, 1.0, 2.0, 3.0], [4.0, 5.0], [6.0, 7.0, 8.0, 9.0])
    """
    deltas, logits = outputs[..., :4], outputs[..., 4:-4]
    return deltas, logits, outputs[..., -4:]


def join(deltas, logits, anchors):
    """Puts rows together: the reverse of `split`.

    Args:
        deltas: Tensor (B, A, 4).
        logits: Tensor (B, A, C).
        anchors: Tensor (A, 4), the same for all samples.

    Returns:
        Tensor (B, A, 4 + C + 4), float32.

    Example:

    >>> rows = join(np.ones((2, 5, 4)), np.ones((2, 5, 3)), np.ones((5, 4)))
    >>> tuple(rows.shape)
    (2, 5, 11)
    """
    deltas, logits = (ops.cast(x, "float32") for x in (deltas, logits))
    anchors = ops.cast(ops.expand_dims(anchors, 0), "float32")
    anchors = ops.broadcast_to(anchors, ops.shape(deltas))
    return ops.concatenate([deltas, logits, anchors], axis=-1)


def count_logits(outputs):
    """The number of class logits in the rows of a head.

    Args:
        outputs: Tensor (..., 4 + C + 4), of any backend or symbolic.

    Returns:
        C, an integer.

    Raises:
        ValueError: If there is no room for a class.

    Example:

    >>> count_logits(np.zeros((2, 5, 11)))
    3
    """
    shape = tuple(outputs.shape)
    if len(shape) != 3 or shape[-1] < 2 * BOX_COLUMNS + 1:
        raise ValueError(
            "Expected outputs (B, A, 4 + C + 4) as DetectionHead and SSDHead "
            f"give them, received shape {shape}."
        )
    return shape[-1] - 2 * BOX_COLUMNS
