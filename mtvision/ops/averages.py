"""Means over what is labelled, and weights of samples."""

from keras import ops

from mtvision.ops.missing import align


def mean_per_sample(values):
    """Mean over every axis but the first.

    Args:
        values: Tensor (B, ...).

    Returns:
        Tensor (B,).

    Example:

    >>> [float(x) for x in mean_per_sample([[1.0, 3.0], [5.0, 5.0]])]
    [2.0, 5.0]
    """
    values = ops.convert_to_tensor(values)
    inner = tuple(range(1, len(values.shape)))
    return ops.mean(values, axis=inner) if inner else values


def masked_mean_per_sample(values, mask):
    """Mean of the values that a mask selects; 0 where it selects none.

    Args:
        values: Tensor (B, ...), finite (a NaN would return through the
            gradient even where it is masked out).
        mask: Boolean tensor of the same shape.

    Returns:
        Tensor (B,).

    Example:

    >>> mask = [[True, False], [False, False]]
    >>> values = [[1.0, 3.0], [5.0, 5.0]]
    >>> [float(x) for x in masked_mean_per_sample(values, mask)]
    [1.0, 0.0]
    """
    values = ops.convert_to_tensor(values)
    mask = ops.convert_to_tensor(mask)
    kept = ops.where(mask, values, 0.0)
    inner = tuple(range(1, len(values.shape)))
    if not inner:
        return kept
    count = ops.sum(ops.cast(mask, values.dtype), axis=inner)
    return ops.sum(kept, axis=inner) / ops.maximum(count, 1.0)


def spread_weight(sample_weight, values):
    """Repeats weights of samples over all that a sample holds.

    Args:
        sample_weight: Tensor with the first axes of `values`: (B,), (B, H)...
            (B, 1) will do for (B,).
        values: Tensor (B, ...).

    Returns:
        Tensor of the shape of `values`, float32.

    Raises:
        ValueError: If the weights have more axes than the values, or are
            those of another number of samples.

    Example:

    >>> weight = spread_weight([1.0, 0.0], [[7, 8], [9, 9]])
    >>> [[float(x) for x in row] for row in weight]
    [[1.0, 1.0], [0.0, 0.0]]
    """
    weight = ops.cast(sample_weight, "float32")
    values = ops.convert_to_tensor(values)
    if len(weight.shape) == len(values.shape) + 1 and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    if len(weight.shape) > len(values.shape):
        raise ValueError(
            "Expected sample_weight with no more axes than the values, of "
            f"shape {tuple(values.shape)}. Received shape "
            f"{tuple(weight.shape)}."
        )
    given, wanted = tuple(weight.shape[:1]), tuple(values.shape[:1])
    if given and given != wanted and None not in given + wanted:
        raise ValueError(
            "Expected one sample_weight for each sample, received "
            f"{given[0]} for {wanted[0]} samples."
        )
    return ops.broadcast_to(align(weight, values), ops.shape(values))
