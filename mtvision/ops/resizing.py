"""Resizing maps, alike on every backend."""

import functools

import keras
import numpy as np
from keras import ops

from mtvision.ops.interpolation import (
    apply_matrices,
    cubic,
    interpolation_matrix,
    triangle,
)
from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.ops.windows import as_map_size


def resize_like(x, reference, *, interpolation="bilinear"):
    """Resizes maps to the height and width of other maps.

    Pixel centres are at half-integers and nothing is smoothed beforehand.
    The heights and widths may be unknown until the graph runs.

    Args:
        x: Maps (B, h, w, C) of any dtype.
        reference: Tensor (B, H, W, ...) whose size is taken.
        interpolation: `"bilinear"`, `"bicubic"` (as `resize_bicubic` by
            default), or `"nearest"` for class indices.

    Returns:
        Tensor (B, H, W, C) of the dtype of `x`; integers are rounded.

    Raises:
        ValueError: If `x` is not of rank 4 or the interpolation is unknown.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(4.0), (1, 2, 2, 1))
    >>> y = resize_like(x, keras.ops.zeros((1, 4, 4, 1)))
    >>> [float(v) for v in y[0, 0, :, 0]]
    [0.0, 0.25, 0.75, 1.0]
    """
    if interpolation not in _RESIZE:
        raise ValueError(
            f"Expected interpolation to be one of {tuple(_RESIZE)}, received "
            f"{interpolation!r}."
        )
    size = ops.shape(reference)[1:3]
    return _resized(x, size, _RESIZE[interpolation])


def enlarge(x, factor):
    """Resizes maps to a multiple of their size, linearly along both axes.

    The heights and widths may be unknown until the graph runs.

    Args:
        x: Maps (B, h, w, C) of any dtype.
        factor: How many times as high and as wide the result is.

    Returns:
        Tensor (B, h * factor, w * factor, C) of the dtype of `x`; integers
        are rounded.

    Raises:
        ValueError: If `x` is not of rank 4 or the factor no whole number of 1
            or more.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(0.0, 4.0, 3.0), (1, 1, 2, 1))
    >>> [float(v) for v in enlarge(x, 2)[0, 0, :, 0]]
    [0.0, 0.75, 2.25, 3.0]
    """
    require_count(factor, 1, "factor")
    x = ops.convert_to_tensor(x)
    require_rank(x.shape, 4, "x (B, h, w, C)")
    size = [None if n is None else n * factor for n in ops.shape(x)[1:3]]
    return _resized(x, size, _resize_bilinear)


def resize_nearest(x, size, *, half_pixel=True):
    """Resizes maps to the values of the nearest pixels.

    Args:
        x: Maps (B, h, w, C) of any dtype.
        size: H and W.
        half_pixel: Whether pixel centres are at half-integers, as for
            PyTorch's `"nearest-exact"`, TensorFlow and Pillow; or at
            integers, rounded down, as for PyTorch's `"nearest"`. The two are
            equal where the size grows by a whole number.

    Returns:
        Tensor (B, H, W, C) of the dtype of `x`.

    Raises:
        ValueError: If `x` is not of rank 4 or `size` no pair of positive
            numbers.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(3), (1, 1, 3, 1))
    >>> [int(v) for v in resize_nearest(x, (1, 2))[0, 0, :, 0]]
    [0, 2]
    >>> y = resize_nearest(x, (1, 2), half_pixel=False)
    >>> [int(v) for v in y[0, 0, :, 0]]
    [0, 1]
    """
    resize = _resize_nearest if half_pixel else _resize_nearest_floor
    return _resized(x, as_map_size(size, "size"), resize)


def resize_bilinear(x, size, *, align_corners=False, antialias=False):
    """Resizes maps by linear interpolation along both axes.

    Args:
        x: Maps (B, h, w, C) of any dtype.
        size: H and W.
        align_corners: Whether the centres of the outermost pixels stay where
            they are, instead of their outer edges. With the edges, which is
            the default, pixel centres are at half-integers.
        antialias: Whether a map that shrinks is smoothed beforehand.

    Returns:
        Tensor (B, H, W, C) of the dtype of `x`; integers are rounded.

    Raises:
        ValueError: If `x` is not of rank 4, `size` no pair of positive
            numbers, or `align_corners` and `antialias` are both set.

    Example:

    >>> x = keras.ops.reshape(keras.ops.arange(0.0, 4.0, 3.0), (1, 1, 2, 1))
    >>> [float(v) for v in resize_bilinear(x, (1, 4))[0, 0, :, 0]]
    [0.0, 0.75, 2.25, 3.0]
    >>> y = resize_bilinear(x, (1, 4), align_corners=True)
    >>> [round(float(v), 3) for v in y[0, 0, :, 0]]
    [0.0, 1.0, 2.0, 3.0]
    """
    size = as_map_size(size, "size")
    if not align_corners and not antialias:
        return _resized(x, size, _resize_bilinear)
    return _resized(
        x,
        size,
        functools.partial(
            _resize_by_matrices,
            kernel=triangle,
            reach=1,
            align_corners=align_corners,
            antialias=antialias,
            renormalize=antialias,
        ),
    )


def resize_bicubic(
    x,
    size,
    *,
    a=None,
    align_corners=False,
    antialias=False,
    renormalize=None,
):
    """Resizes maps by cubic interpolation, the same on every backend.

    The libraries differ in the kernel and at the border, and
    `keras.ops.image.resize` with them: PyTorch and OpenCV take a = -0.75 and
    repeat the pixels at the border; TensorFlow, JAX and Pillow, and PyTorch
    with antialiasing, take a = -0.5 and leave out what lies beyond.

    Args:
        x: Maps (B, h, w, C) of any dtype.
        size: H and W.
        a: Slope of Keys' kernel at distance 1; by default -0.75, and -0.5
            with `antialias`, as in PyTorch.
        align_corners: As in `resize_bilinear`.
        antialias: As in `resize_bilinear`; leaves out what lies beyond the
            border.
        renormalize: Whether pixels beyond the border are left out and the
            weights of the others scaled to sum to 1, instead of repeating
            the pixels at the border. By default as the libraries with this
            `a` do: only for -0.5.

    Returns:
        Tensor (B, H, W, C) of the dtype of `x`; integers are rounded.

    Raises:
        ValueError: If `x` is not of rank 4, `size` no pair of positive
            numbers, or `align_corners` and `antialias` are both set.

    Example:

    >>> x = keras.ops.reshape([0.0, 0.0, 1.0, 1.0], (1, 1, 4, 1))
    >>> y = resize_bicubic(x, (1, 8))[0, 0, :, 0]
    >>> [round(float(v), 3) for v in y]
    [0.0, -0.035, -0.105, 0.227, 0.773, 1.105, 1.035, 1.0]

    Reference:
        Keys, Cubic convolution interpolation for digital image processing,
        1981.
    """
    if a is None:
        a = -0.5 if antialias else -0.75
    if renormalize is None:
        renormalize = a == -0.5
    return _resized(
        x,
        as_map_size(size, "size"),
        functools.partial(
            _resize_by_matrices,
            kernel=functools.partial(cubic, a=a),
            reach=2,
            align_corners=align_corners,
            antialias=antialias,
            renormalize=renormalize or antialias,
        ),
    )


def _resized(x, size, resize):
    x = ops.convert_to_tensor(x)
    require_channels_last("Resizing")
    require_rank(x.shape, 4, "x (B, h, w, C)")
    if None in size or None in ops.shape(x)[1:3]:
        raise ValueError(
            "Maps of unknown height or width cannot be resized while they "
            "are symbolic. Resize them inside a layer that defines "
            "compute_output_shape."
        )
    if _is_static(size) and tuple(size) == tuple(ops.shape(x)[1:3]):
        return x
    return resize(x, size)


def _in_float32(resize):
    """Computes in float32, and gives back the dtype that came."""

    @functools.wraps(resize)
    def wrapped(x, size, **options):
        dtype = keras.backend.standardize_dtype(x.dtype)
        resized = resize(ops.cast(x, "float32"), size, **options)
        if dtype == "bool":
            return resized > 0.5
        if keras.backend.is_int_dtype(dtype):
            limits = np.iinfo(dtype)  # a cubic kernel exceeds its pixels
            resized = ops.clip(ops.round(resized), limits.min, limits.max)
        return ops.cast(resized, dtype)

    return wrapped


@_in_float32
def _resize_by_matrices(x, size, *, align_corners, antialias, **options):
    if align_corners and antialias:
        raise ValueError(
            "Expected align_corners or antialias, received both: smoothing "
            "is defined for half-pixel centres. Set one to False."
        )
    options = {
        **options,
        "align_corners": align_corners,
        "antialias": antialias,
    }
    rows, columns = (
        interpolation_matrix(old, new, **options)
        for old, new in zip(ops.shape(x)[1:3], size)
    )
    return apply_matrices(x, rows, columns)


@_in_float32
def _resize_bilinear(x, size):
    if _is_static(size):
        return ops.image.resize(x, size, interpolation="bilinear")
    # keras.ops.image.resize compares sizes as Python numbers, which
    # TensorFlow refuses for sizes that are known only at run time.
    return _interpolate(_interpolate(x, size[0], axis=1), size[1], axis=2)


def _resize_nearest(x, size):
    # Not by keras.ops.image.resize: its float32 positions miss the pixel
    # where they fall between two, and TensorFlow's kernel has no XLA form.
    return _take_nearest(_take_nearest(x, size[0], axis=1), size[1], axis=2)


def _resize_nearest_floor(x, size):
    for axis, new in enumerate(size, start=1):
        pixels = ops.arange(new, dtype="int32")
        x = ops.take(x, pixels * ops.shape(x)[axis] // new, axis=axis)
    return x


_RESIZE = {
    "bilinear": _resize_bilinear,
    "bicubic": resize_bicubic,
    "nearest": _resize_nearest,
}


def _is_static(size):
    return all(isinstance(length, int) for length in size)


def _take_nearest(x, size, axis):
    old_size = ops.shape(x)[axis]
    if _is_static((size, old_size)) and size % old_size == 0:
        return ops.repeat(x, size // old_size, axis=axis)
    index = (2 * ops.arange(size, dtype="int32") + 1) * old_size // (2 * size)
    return ops.take(x, index, axis=axis)


def _interpolate(x, size, axis):
    old_size = ops.shape(x)[axis]
    scale = ops.cast(old_size, "float32") / ops.cast(size, "float32")
    position = (ops.arange(size, dtype="float32") + 0.5) * scale - 0.5
    position = ops.clip(position, 0.0, ops.cast(old_size - 1, "float32"))
    low = ops.cast(ops.floor(position), "int32")
    high = ops.minimum(low + 1, old_size - 1)
    weight = position - ops.cast(low, "float32")
    weight = ops.reshape(weight, (-1, 1, 1) if axis == 1 else (-1, 1))
    x_low, x_high = ops.take(x, low, axis=axis), ops.take(x, high, axis=axis)
    return x_low + (x_high - x_low) * weight
