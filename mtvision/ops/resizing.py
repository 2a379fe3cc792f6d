"""Resizing a map to the size of another, whatever that size is."""

import keras
from keras import ops

from mtvision.ops.shapes import require_rank


def resize_like(x, reference, *, interpolation="bilinear"):
    """Resizes maps to the height and width of other maps.

    Pixel centres are at half-integers and nothing is smoothed beforehand.
    The heights and widths may be unknown until the graph runs. Computes in
    float32, in which integers up to 2 ** 24 are exact.

    Args:
        x: Maps (B, h, w, C) of any dtype.
        reference: Tensor (B, H, W, ...) whose size is taken.
        interpolation: `"bilinear"`, or `"nearest"` for class indices.

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
    require_rank(x.shape, 4, "x (B, h, w, C)")
    if interpolation not in _RESIZE:
        raise ValueError(
            f"Expected interpolation to be one of {tuple(_RESIZE)}, received "
            f"{interpolation!r}."
        )
    size = ops.shape(reference)[1:3]
    if None in size or None in ops.shape(x)[1:3]:
        raise ValueError(
            "resize_like cannot resize symbolic tensors of unknown height or "
            "width. Call it inside a layer that defines compute_output_shape."
        )
    resized = _RESIZE[interpolation](ops.cast(x, "float32"), size)
    if keras.backend.is_int_dtype(x.dtype):
        resized = ops.round(resized)
    return ops.cast(resized, x.dtype)


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


_RESIZE = {"bilinear": _resize_bilinear, "nearest": _resize_nearest}


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
