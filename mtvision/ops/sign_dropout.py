"""Dropout of the gradients of one sign."""

from keras import ops


def keep_one_sign(gradients, draws):
    """Keeps the gradients of one sign for each parameter.

    Args:
        gradients: Tensor (T, P).
        draws: Tensor (P,), from 0 to 1: the positive ones stay where their
            share in the sum of absolute values is above it, the negative ones
            where it is below.

    Returns:
        Tensor (T, P), 0 where a gradient is dropped.

    Example:

    >>> gradients = keras.ops.array([[3.0, 3.0], [-1.0, -1.0]])
    >>> kept = keep_one_sign(gradients, keras.ops.array([0.7, 0.8]))
    >>> [[float(x) for x in row] for row in kept]
    [[3.0, 0.0], [0.0, -1.0]]
    """
    size = ops.sum(ops.abs(gradients), axis=0)
    share = ops.sum(gradients, axis=0) / ops.where(size > 0, size, 1.0)
    share = (1 + share) / 2
    positive = (gradients > 0) & (share > draws)
    negative = (gradients < 0) & (share < draws)
    return ops.where(positive | negative, gradients, 0.0)
