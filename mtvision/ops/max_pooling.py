"""Max-pooling that remembers where each maximum was, and its inverse."""

import functools
import itertools

import keras
from keras import ops

from mtvision.ops.cells import (
    place_in_cells,
    unpool_by_cells,
)
from mtvision.ops.compiling import compiled
from mtvision.ops.shapes import (
    require_channels_last,
    require_rank,
    require_same_shape,
)
from mtvision.ops.windows import (
    as_map_size,
    as_sizes,
    window_count,
    window_pixels,
)


def max_pool_with_argmax(
    x, pool_size, *, strides=None, padding=0, ceil_mode=False
):
    """Takes the maximum of each window, and tells where it was.

    The border counts as minus infinity. Of equal maxima the first one wins,
    row by row from the top; the last NaN wins over every number. The gradient
    of a value goes to the pixel that it came from.

    Args:
        x: Maps (B, H, W, C), floating point.
        pool_size: Height and width of a window, or one number for both.
        strides: Steps from window to window, likewise; by default
            `pool_size`, which gives windows side by side.
        padding: Width of the border above and below, and of that left and
            right, likewise; at most half of a window.
        ceil_mode: Whether a last window may reach beyond the border, if it
            starts before the border at the far end.

    Returns:
        Values (B, h, w, C) of the dtype of `x`, and indices (B, h, w, C),
        int32: `y * W + x` of each value's pixel, for `max_unpool`.

    Raises:
        ValueError: If `x` is not of rank 4 and floating point, a number is
            out of its range, or no window fits.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(16.0), (1, 4, 4, 1))
    >>> values, indices = max_pool_with_argmax(x, 2)
    >>> [int(i) for i in keras.ops.reshape(indices, (-1,))]
    [5, 7, 13, 15]
    """
    x = _as_maps(x, "x (B, H, W, C)", "MaxPoolWithArgmax2D")
    pool_size, strides, padding = standardize_pooling(
        pool_size, strides, padding
    )
    for axis in zip(x.shape[1:3], pool_size, strides, padding):
        window_count(*axis, ceil_mode=ceil_mode)
    return _pool(
        x,
        pool_size=pool_size,
        strides=strides,
        padding=padding,
        ceil_mode=bool(ceil_mode),
    )


def max_unpool(values, indices, output_size):
    """Puts each value at its place in a map of zeros.

    Of several values for the same pixel the last one stays, row by row from
    the top, as with PyTorch on the CPU; only that one receives a gradient.
    Indices outside of the map are passed over.

    Args:
        values: Maps (B, h, w, C), floating point.
        indices: Integers (B, h, w, C): `y * W + x` of each value's pixel,
            as `max_pool_with_argmax` gives them.
        output_size: H and W. They do not follow from `h` and `w`: maps of 8
            and of 9 rows both pool to 4.

    Returns:
        Tensor (B, H, W, C) of the dtype of `values`.

    Raises:
        ValueError: If `values` is not of rank 4 and floating point,
            `indices` is not of its shape and of integers, or `output_size`
            is not a pair of positive numbers.

    Example:

    >>> values = keras.ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 2, 2, 1))
    >>> indices = keras.ops.reshape([5, 2, 12, 15], (1, 2, 2, 1))
    >>> plane = max_unpool(values, indices, (4, 4))[0, :, :, 0]
    >>> print(keras.ops.convert_to_numpy(plane).astype(int))
    [[0 0 2 0]
     [0 1 0 0]
     [0 0 0 0]
     [3 0 0 4]]

    Reference:
        Zeiler, Taylor and Fergus, Adaptive Deconvolutional Networks for Mid
        and High Level Feature Learning, 2011.
    """
    size = as_map_size(output_size, "output_size")
    values = _as_maps(values, "values (B, h, w, C)", "MaxUnpool2D")
    indices = ops.convert_to_tensor(indices)
    require_same_shape(values, indices, "max_unpool")
    if not keras.backend.is_int_dtype(indices.dtype):
        raise ValueError(
            "Expected indices of integers, as max_pool_with_argmax gives "
            f"them, received dtype {indices.dtype}."
        )
    indices = ops.stop_gradient(ops.cast(indices, "int32"))
    return _unpool(values, indices, size=size)


def standardize_pooling(pool_size, strides, padding):
    """Checks the numbers of a pooling and makes them pairs.

    Args:
        pool_size: As in `max_pool_with_argmax`.
        strides: Likewise.
        padding: Likewise.

    Returns:
        The three of them, each a pair of integers.

    Raises:
        ValueError: If one is out of its range.

    Example:

    >>> standardize_pooling(3, (2, 1), 1)
    ((3, 3), (2, 1), (1, 1))
    """
    pool_size = as_sizes(pool_size, 1, "pool_size")
    strides = as_sizes(pool_size if strides is None else strides, 1, "strides")
    padding = as_sizes(padding, 0, "padding")
    if any(2 * p > k for p, k in zip(padding, pool_size)):
        raise ValueError(
            "Expected padding of at most half of pool_size, received "
            f"padding={padding} and pool_size={pool_size}."
        )
    return pool_size, strides, padding


def pool_by_pixels(x, *, pool_size, strides, padding, ceil_mode):
    """`max_pool_with_argmax`, one pass for each pixel of a window."""
    axes = list(zip(ops.shape(x)[1:3], pool_size, strides, padding))
    counts = [window_count(*axis, ceil_mode=ceil_mode) for axis in axes]
    padded = x
    if any(padding) or ceil_mode:
        beyond = [s - 1 if ceil_mode else 0 for s in strides]
        border = [(p, p + more) for p, more in zip(padding, beyond)]
        border = [(0, 0), *border, (0, 0)]
        padded = ops.pad(x, border, constant_values=-float("inf"))
    pixels = window_pixels(padded, pool_size, strides, counts)
    values, indices = _first_largest(pixels, _window_indices(axes, counts))
    if padded is x and pool_size == strides:
        values = _largest_of_cell(x, indices, pool_size)
    return values, indices


def _first_largest(pixels, places):
    """The largest of the pixels at each place of a window, and its index."""
    largest = ops.stop_gradient(functools.reduce(_larger, pixels))
    values = pixels[-1]
    indices = ops.broadcast_to(places[-1], ops.shape(values))
    # From the last to the first, so that the first of equal ones wins.
    for pixel, place in list(zip(pixels, places))[-2::-1]:
        later = values != values  # as PyTorch: the last NaN wins
        wins = (pixel == largest) | ((pixel != pixel) & ~later)
        values = ops.where(wins, pixel, values)
        indices = ops.where(wins, place, indices)
    return values, indices


def _largest_of_cell(x, indices, cell):
    """The maxima of windows side by side, whose indices are known."""
    size = tuple(ops.shape(x)[1:3])
    counts = ops.shape(indices)[1:3]

    # Automatically, the gradient would be a map for each place of a window.
    @ops.custom_gradient
    def largest(x, indices):
        def gradient(*args, upstream=None):
            slope = args[-1] if upstream is None else upstream
            return place_in_cells(slope, indices, size=size, cell=cell), None

        pixels = window_pixels(x, cell, cell, counts)
        return functools.reduce(_larger, pixels), gradient

    return largest(x, indices)


def _larger(a, b):
    """The maximum; NaN if one is NaN, which XLA's own may pass over."""
    return ops.where((a >= b) | (a != a), a, b)


def _window_indices(axes, counts):
    """Index of the pixel at each place of the windows, (h, w, 1) each."""
    positions = []
    for (length, window, stride, padding), count in zip(axes, counts):
        start = ops.arange(count, dtype="int32") * stride - padding
        # A window of nothing but minus infinity may choose the border.
        positions.append(
            [ops.clip(start + i, 0, length - 1) for i in range(window)]
        )
    width = axes[1][0]
    return [
        (y[:, None] * width + x)[:, :, None]
        for y, x in itertools.product(*positions)
    ]


def _as_maps(x, name, layer):
    require_channels_last("Max-pooling")
    if isinstance(x, keras.KerasTensor):
        raise ValueError(
            f"Expected {name} with values, received a symbolic tensor. Use "
            f"mtvision.layers.{layer} in a functional model."
        )
    x = ops.convert_to_tensor(x)
    require_rank(x.shape, 4, name)
    if not keras.backend.is_float_dtype(x.dtype):
        raise ValueError(
            f"Expected {name} of floating point, received dtype {x.dtype}. "
            "Cast it first."
        )
    return x


if keras.backend.backend() == "torch":
    from mtvision.ops._torch import max_pool as _pool
    from mtvision.ops._torch import max_unpool as _unpool
else:
    _pool = compiled(pool_by_pixels)
    _unpool = compiled(unpool_by_cells)
