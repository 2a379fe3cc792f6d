"""Gradients that are turned, one after the other, where they conflict."""

from keras import ops

from mtvision.ops.gram import cosines, product


def turn_conflicting(gram, order, least):
    """Turns each gradient until its cosine with the others is large enough.

    Each gradient in turn meets the original ones of the other tasks. Where
    its cosine with one is below what is asked for, as much of that one is
    added as makes them equal.

    Args:
        gram: Tensor (T, T), inner products of the gradients. Those of 0 turn
            none.
        order: Integer tensor (T, T): row i is the order in which gradient i
            meets the others; i itself is skipped.
        least: Tensor (T, T): cosines that are asked for, between -1 and 1.

    Returns:
        weights: Tensor (T,): the sum of the turned gradients is the sum of
            the original ones with these weights.
        seen: Tensor (T, T): cosine of gradient i with that of task j when
            they met.

    Example:

    >>> gram = np.array([[1.0, -0.5], [-0.5, 1.0]])
    >>> order = np.array([[0, 1], [0, 1]])
    >>> weights, _ = turn_conflicting(gram, order, np.zeros((2, 2)))
    >>> [float(w) for w in weights]
    [1.5, 1.5]
    """
    cosine, norms = cosines(gram)
    size = cosine.shape[0]
    itself = ops.eye(size, dtype=cosine.dtype)
    exists = ops.diagonal(cosine) > 0.5
    least = ops.cast(least, cosine.dtype)
    tangent = least / ops.sqrt(1 - ops.square(least))
    turned, seen = itself, ops.zeros_like(itself)
    for place in range(size):
        other = ops.one_hot(order[:, place], size, dtype=cosine.dtype)
        meets = (other - itself > 0.5) & exists
        products = product(turned, cosine)
        length = ops.sum(turned * products, axis=1, keepdims=True)
        length = ops.sqrt(ops.relu(length))
        aside = ops.sqrt(ops.relu(ops.square(length) - ops.square(products)))
        turns = meets & (products < least * length)
        angle = products / ops.where(length > 0, length, 1.0)
        seen = ops.where(meets, angle, seen)
        turned = turned + ops.where(turns, tangent * aside - products, 0.0)
    return ops.sum(turned * norms[:, None], axis=0) / norms, seen
