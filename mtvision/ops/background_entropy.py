"""Cross entropy of classes and a background, some of them unknown."""

from keras import ops

_MINUS_INFINITY = -1e9


def background_entropy(
    labels, logits, annotated=None, *, background_first=False
):
    """Cross entropy of boxes, one of whose classes is the background.

    Args:
        labels: Int tensor (B, A), columns of the logits.
        logits: Tensor (B, A, C + 1).
        annotated: `None`, or bool tensor (B, C): a background may be an
            object of a class that is not annotated in its image. Its
            probability is that of either.
        background_first: Whether the first column is the background's, not
            the last.

    Returns:
        Tensor (B, A), float32.

    Example:

    >>> logits, labels = np.zeros((1, 1, 4)), np.array([[3]])
    >>> known = np.array([[True, False, True]])
    >>> round(float(background_entropy(labels, logits, known)[0, 0]), 4)
    0.6931
    """
    logits = ops.cast(logits, "float32")
    labels = ops.expand_dims(ops.cast(labels, "int32"), -1)
    columns = ops.arange(logits.shape[-1], dtype="int32")
    own = labels == columns
    if annotated is not None:
        unknown = ops.logical_not(annotated)
        fill = (1, 0) if background_first else (0, 1)
        unknown = ops.pad(unknown, ((0, 0), fill), constant_values=False)
        background = 0 if background_first else logits.shape[-1] - 1
        maybe = ops.logical_and(labels == background, unknown[:, None])
        own = ops.logical_or(own, maybe)
    own = ops.where(own, logits, _MINUS_INFINITY)
    return ops.logsumexp(logits, axis=-1) - ops.logsumexp(own, axis=-1)
