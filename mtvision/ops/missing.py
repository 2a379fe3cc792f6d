"""Missing labels: where they are, and how to keep them from doing harm.

A float label is missing where it is NaN, an integer label where it is -1.
"""

import keras
from keras import ops


def is_not_nan(y):
    """Says which elements are numbers; integers always are.

    Args:
        y: Tensor (B, ...).

    Returns:
        Bool tensor of the shape of `y`.

    Example:

    >>> bool(is_not_nan(keras.ops.convert_to_tensor(float("nan"))))
    False
    """
    y = ops.convert_to_tensor(y)
    dtype = keras.backend.standardize_dtype(y.dtype)
    if keras.backend.is_float_dtype(dtype):
        return ops.logical_not(ops.isnan(y))
    return ops.ones_like(y, dtype="bool")


def is_given(y, *, classes=False, ignore_class=None):
    """Says which elements of a truth carry a label.

    Args:
        y: Truth tensor (B, ...).
        classes: Whether `y` holds class indices or probabilities. These are
            never negative, so any negative one is missing, also as a float.
        ignore_class: A class that means "unlabelled", or `None`.

    Returns:
        Bool tensor of the shape of `y`.

    Example:

    >>> y = keras.ops.convert_to_tensor([2, -1])
    >>> [bool(x) for x in is_given(y)]
    [True, False]
    """
    y = ops.convert_to_tensor(y)
    if classes:
        given = y >= 0  # False for NaN, too.
    elif keras.backend.standardize_dtype(y.dtype).startswith("int"):
        given = ops.not_equal(y, -1)
    else:
        given = is_not_nan(y)
    if ignore_class is not None:
        given = ops.logical_and(given, ops.not_equal(y, ignore_class))
    return given


def fill_missing(y, given):
    """Replaces what is not given by zero.

    Args:
        y: Truth tensor (B, ...).
        given: Bool tensor whose axes are the first axes of `y`.

    Returns:
        Tensor of the shape and dtype of `y`.

    Example:

    >>> y = keras.ops.convert_to_tensor([2, -1])
    >>> [int(x) for x in fill_missing(y, is_given(y))]
    [2, 0]
    """
    y = ops.convert_to_tensor(y)
    return ops.where(align(given, y), y, ops.zeros((), y.dtype))


def mark_missing(y, given):
    """Replaces what is not given by NaN.

    Args:
        y: Truth tensor (B, ...).
        given: Bool tensor whose axes are the first axes of `y`.

    Returns:
        Float32 tensor of the shape of `y`.

    Example:

    >>> given = keras.ops.convert_to_tensor([True, False])
    >>> [float(x) for x in mark_missing(keras.ops.array([2, 3]), given)]
    [2.0, nan]
    """
    y = ops.cast(y, "float32")
    return ops.where(align(given, y), y, float("nan"))


def block_gradient(x, allowed):
    """Lets a gradient through to some samples only, exactly zero elsewhere.

    A weight of zero is not enough: 0 x NaN is NaN.

    Args:
        x: Tensor (B, ...).
        allowed: Bool tensor (B,), the samples that may get a gradient.

    Returns:
        `x`, unchanged in value.

    Example:

    >>> x = keras.ops.ones((2, 3))
    >>> y = block_gradient(x, keras.ops.convert_to_tensor([True, False]))
    >>> tuple(y.shape)
    (2, 3)
    """
    return ops.where(align(allowed, x), x, ops.stop_gradient(x))


def all_over_last_axes(mask, rank):
    """Whether all elements hold, for each index of the first `rank` axes.

    Args:
        mask: Bool tensor (B, ...).
        rank: How many leading axes to keep, at least 1.

    Returns:
        Bool tensor of the first `rank` axes of `mask`, or `mask` where it
        has no more than these.

    Example:

    >>> mask = keras.ops.convert_to_tensor([[True, True], [True, False]])
    >>> [bool(x) for x in all_over_last_axes(mask, 1)]
    [True, False]
    """
    axes = tuple(range(rank, len(mask.shape)))
    return ops.all(mask, axis=axes) if axes else mask


def align(weights, values):
    """Gives weights the rank of the values that they belong to.

    Args:
        weights: Tensor (B, ...) of no more axes than `values`.
        values: Tensor (B, ...).

    Returns:
        `weights` with axes of size 1 added at the end.

    Example:

    >>> x = align(keras.ops.ones((2,)), keras.ops.ones((2, 3, 4)))
    >>> tuple(x.shape)
    (2, 1, 1)
    """
    for _ in range(len(values.shape) - len(weights.shape)):
        weights = ops.expand_dims(weights, -1)
    return weights
