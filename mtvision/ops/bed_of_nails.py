"""Unpooling without memory: values with zeros between them."""

import keras
from keras import ops

from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.ops.windows import as_sizes


def bed_of_nails(x, factor):
    """Enlarges maps: each value in the first pixel of a cell of zeros.

    Args:
        x: Maps (B, H, W, C).
        factor: Height and width of a cell in pixels, or one number for both.

    Returns:
        Tensor (B, H * factor, W * factor, C) of the dtype of `x`.

    Raises:
        ValueError: If `x` is not of rank 4 or a factor not a positive number.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(1, 5), (1, 2, 2, 1))
    >>> print(keras.ops.convert_to_numpy(bed_of_nails(x, 2))[0, :, :, 0])
    [[1 0 2 0]
     [0 0 0 0]
     [3 0 4 0]
     [0 0 0 0]]
    """
    require_channels_last("bed_of_nails")
    require_rank(x.shape, 4, "x (B, H, W, C)")
    if isinstance(x, keras.KerasTensor) and None in x.shape[1:3]:
        raise ValueError(
            "bed_of_nails expects maps of known size while they are symbolic, "
            f"received shape {tuple(x.shape)}. Use "
            "mtvision.layers.BedOfNails2D in a functional model."
        )
    height, width = as_sizes(factor, 1, "factor")
    return insert_zeros(insert_zeros(x, width, axis=2), height, axis=1)


def insert_zeros(x, factor, *, axis):
    """Follows each slice of a tensor by slices of zeros.

    Args:
        x: Tensor.
        factor: Number of slices that each one becomes.
        axis: The axis that grows, not negative.

    Returns:
        Tensor, larger along the axis by the factor.

    Example:

    >>> [int(v) for v in insert_zeros(keras.ops.arange(1, 3), 3, axis=0)]
    [1, 0, 0, 2, 0, 0]
    """
    if factor == 1:
        return x
    shape = list(ops.shape(x))
    border = [(0, 0)] * (len(shape) + 1)
    border[axis + 1] = (0, factor - 1)
    spread = ops.pad(ops.expand_dims(x, axis + 1), border)
    return ops.reshape(spread, _times(shape, factor, axis))


def _times(shape, factor, axis):
    """The shape that grows along an axis; one unknown length is allowed."""
    shape = [-1 if length is None else length for length in shape]
    if not (isinstance(shape[axis], int) and shape[axis] == -1):
        shape[axis] = shape[axis] * factor
    return shape
