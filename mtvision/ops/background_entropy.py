"""Cross entropy of classes and a background, some of them unknown."""

from keras import ops

_MINUS_INFINITY = -1e9


def background_entropy(labels, logits, annotated=None):
    """Cross entropy of boxes, the last class of which is the background.

    Args:
        labels: Int tensor (B, A), from 0 to C, which is the background.
        logits: Tensor (B, A, C + 1).
        annotated: `None`, or bool tensor (B, C): a background may be an
            object of a class that is not annotated in its image. Its
            probability is that of either.

    Returns:
        Tensor (B, A), float32.

    Example:

    >>> logits, labels = np.zeros((1, 1, 4)), np.array([[3]])
    >>> known = np.array([[True, False, True]])
    >>> round(float(background_entropy(labels, logits, known)[0, 0]), 4)
    0.6931
    """
    logits = ops.cast(logits, "float32")
    background = logits.shape[-1] - 1
    columns = ops.arange(background + 1, dtype="int32")
    own = ops.expand_dims(labels, -1) == columns
    if annotated is not None:
        unknown = ops.logical_not(annotated)
        unknown = ops.pad(unknown, ((0, 0), (0, 1)), constant_values=False)
        is_background = ops.expand_dims(labels == background, -1)
        maybe = ops.logical_and(is_background, unknown[:, None])
        own = ops.logical_or(own, maybe)
    own = ops.where(own, logits, _MINUS_INFINITY)
    return ops.logsumexp(logits, axis=-1) - ops.logsumexp(own, axis=-1)
