"""Choice of the negatives that a loss learns most from."""

from keras import ops


def hardest(values, candidates, number):
    """Marks the candidates with the highest values of each sample.

    Args:
        values: Tensor (B, A).
        candidates: Bool tensor (B, A).
        number: Tensor (B,), how many to mark, at most; rounded up.

    Returns:
        Bool tensor (B, A). Of equal values the first are marked.

    Example:

    >>> candidates = np.array([[True, False, True, True]])
    >>> marked = hardest([[0.1, 0.9, 0.7, 0.3]], candidates, [2.0])
    >>> [bool(v) for v in marked[0]]
    [False, False, True, True]
    """
    values = ops.stop_gradient(ops.cast(values, "float32"))
    values = ops.where(candidates, values, float("-inf"))
    # The rank of each: the inverse of the order.
    rank = ops.argsort(ops.argsort(-values, axis=1), axis=1)
    number = ops.expand_dims(ops.cast(number, "float32"), -1)
    chosen = ops.cast(rank, "float32") < number
    return ops.logical_and(candidates, chosen)
