"""Transposed convolution in one and two dimensions, sized as in PyTorch."""

from keras import ops

from mtvision.ops.bed_of_nails import insert_zeros
from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.ops.windows import as_sizes


def transposed_convolution(
    x, kernel, *, strides=1, padding=0, output_padding=0, dilation_rate=1
):
    """Convolution with its input and output exchanged ("up-convolution").

    Each pixel of `x` stamps the kernel, times its value, onto the result;
    stamps are `strides` apart and add up where they overlap. Then `padding`
    pixels are cut off each border, and `output_padding` of them put back at
    the far end of an axis. So each axis of L pixels becomes
    `(L - 1) * strides - 2 * padding + dilation_rate * (k - 1) +
    output_padding + 1` long, as in PyTorch. It is the adjoint of the
    convolution of the same arguments, which takes maps of that size to `x`:
    its gradient.

    Keras' own form shares neither the sizes nor, at equal sizes, the offset:
    with a kernel of 3 and strides of 2, its `"same"` is shifted by a pixel.

    Args:
        x: Maps (B, H, W, C), or sequences (B, L, C).
        kernel: Tensor (k, k, F, C), or (k, F, C). One of PyTorch's, of shape
            (C, F, k, k), is `transpose(weight, (2, 3, 1, 0))`.
        strides: Number for each axis, or one for all.
        padding: Likewise.
        output_padding: Likewise; less than the strides or the dilation rate.
        dilation_rate: Likewise; steps between the pixels of the kernel.

    Returns:
        Tensor (B, H', W', F) or (B, L', F).

    Raises:
        ValueError: If ranks or channels do not fit, a number is out of its
            range, or nothing is left between the paddings.

    Example:

    >>> x = keras.ops.reshape([0.5, 0.25, 0.0, 1.0], (1, 2, 2, 1))
    >>> kernel = keras.ops.reshape([0.0, -1.0, 1.0, 0.0], (2, 2, 1, 1))
    >>> y = transposed_convolution(x, kernel, strides=2)[0, :, :, 0]
    >>> print(keras.ops.convert_to_numpy(y) + 0.0)
    [[ 0.   -0.5   0.   -0.25]
     [ 0.5   0.    0.25  0.  ]
     [ 0.    0.    0.   -1.  ]
     [ 0.    0.    1.    0.  ]]

    Reference:
        Zeiler et al., Deconvolutional Networks, 2010; sizes as in Dumoulin
        and Visin, A guide to convolution arithmetic for deep learning, 2016.
    """
    rank = len(kernel.shape) - 2
    _check_shapes(x, kernel, rank)
    geometry = standardize_geometry(
        tuple(kernel.shape)[:rank],
        strides,
        padding,
        output_padding,
        dilation_rate,
        rank=rank,
    )
    output_lengths(x.shape[1:-1], geometry)
    kernel_size, strides, padding, output_padding, dilation_rate = geometry
    # TensorFlow has no dilated transposed convolution on the CPU.
    for axis, rate in enumerate(dilation_rate):
        kernel = insert_zeros(kernel, rate, axis=axis)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel_size, dilation_rate)]
    kernel = kernel[tuple(slice(length) for length in reach)]
    y = ops.conv_transpose(
        x, kernel, strides=strides, padding="valid", data_format="channels_last"
    )
    # Steps wider than the kernel leave zeros behind the last stamp.
    ends = [
        p - o + max(s - r, 0)
        for p, o, s, r in zip(padding, output_padding, strides, reach)
    ]
    return _cut(y, padding, ends)


def standardize_geometry(
    kernel_size, strides, padding, output_padding, dilation_rate, *, rank
):
    """Checks the numbers of a transposed convolution.

    Args:
        kernel_size: Number for each axis, or one for all.
        strides: Likewise.
        padding: Likewise.
        output_padding: Likewise.
        dilation_rate: Likewise.
        rank: Number of axes.

    Returns:
        The five of them, a tuple of integers each.

    Raises:
        ValueError: If one is out of its range.

    Example:

    >>> standardize_geometry(3, 2, 1, 1, 1, rank=1)
    ((3,), (2,), (1,), (1,), (1,))
    """
    kernel_size = as_sizes(kernel_size, 1, "kernel_size", rank=rank)
    strides = as_sizes(strides, 1, "strides", rank=rank)
    padding = as_sizes(padding, 0, "padding", rank=rank)
    more = as_sizes(output_padding, 0, "output_padding", rank=rank)
    dilation_rate = as_sizes(dilation_rate, 1, "dilation_rate", rank=rank)
    if any(o >= max(s, d) for o, s, d in zip(more, strides, dilation_rate)):
        raise ValueError(
            "Expected output_padding to be less than strides or "
            f"dilation_rate, received output_padding={output_padding}, "
            f"strides={strides} and dilation_rate={dilation_rate}."
        )
    return kernel_size, strides, padding, more, dilation_rate


def output_lengths(lengths, geometry):
    """Length of each axis after a transposed convolution.

    Args:
        lengths: Length of each axis before; None where it is not known.
        geometry: From `standardize_geometry`.

    Returns:
        Tuple of lengths, or None.

    Raises:
        ValueError: If nothing is left of an axis.

    Example:

    >>> geometry = standardize_geometry(4, 2, 1, 0, 1, rank=2)
    >>> output_lengths((16, None), geometry)
    (32, None)
    """
    result = []
    for length, k, s, p, o, d in zip(lengths, *geometry):
        if length is not None:
            length = (length - 1) * s - 2 * p + d * (k - 1) + o + 1
            if length < 1:
                raise ValueError(
                    f"Expected padding that leaves pixels, received {p}, "
                    f"which gives a length of {length}. Reduce the padding."
                )
        result.append(length)
    return tuple(result)


def _check_shapes(x, kernel, rank):
    require_channels_last("A transposed convolution")
    if rank not in (1, 2):
        raise ValueError(
            "Expected a kernel (k, k, F, C) or (k, F, C), received shape "
            f"{tuple(kernel.shape)}."
        )
    require_rank(x.shape, rank + 2, ("x (B, L, C)", "x (B, H, W, C)")[rank - 1])
    if x.shape[-1] != kernel.shape[-1]:
        raise ValueError(
            f"Expected x of as many channels as the kernel's last axis, "
            f"{kernel.shape[-1]}, received {x.shape[-1]}."
        )


def _cut(y, starts, ends):
    """Cuts pixels off both ends of axes, or adds zeros where negative."""
    inner = (
        slice(start, -end if end > 0 else None)
        for start, end in zip(starts, ends)
    )
    y = y[(slice(None), *inner)]
    if min(ends) >= 0:
        return y
    return ops.pad(y, [(0, 0), *((0, max(-end, 0)) for end in ends), (0, 0)])
