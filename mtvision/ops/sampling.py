"""Sums of rows of buffers, each row with a weight of its own.

Every bilinear sampling comes down to this: a map is a buffer with one row for
each pixel, and a sample is a weighted sum of the rows around it.
"""

import keras
from keras import ops

# In how many parts a gradient is scattered: more take less memory.
SCATTER_PARTS = 8


def weighted_rows(buffers, source, indices, weights):
    """Sums chosen rows of buffers, with weights.

    The gradient flows to the buffers only. Backends have forms of different
    speed, which give the same.

    Args:
        buffers: List of tensors (N, C), which may differ in N.
        source: Tensor (M,), int32: which buffer each sum reads.
        indices: Tensor (M, K), int32: the rows that it takes.
        weights: Tensor (M, K), float32.

    Returns:
        Tensor (M, C), of the dtype of the buffers; summed in float32.

    Example:

    >>> buffer = keras.ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> rows = weighted_rows([buffer], [0], [[0, 1]], [[0.5, 0.5]])
    >>> [float(x) for x in rows[0]]
    [2.0, 3.0]
    """
    buffers = [ops.convert_to_tensor(buffer) for buffer in buffers]
    source, indices = (
        ops.stop_gradient(ops.convert_to_tensor(x, "int32"))
        for x in (source, indices)
    )
    weights = ops.stop_gradient(ops.convert_to_tensor(weights, "float32"))
    return _weighted_rows(buffers, source, indices, weights)


def _by_taps(buffers, source, indices, weights):
    """Adds one gathered row after the other: XLA fuses them into one loop.

    Autodiff would scatter a dense gradient for each of the K takes; the
    gradient given here scatters all rows at once.
    """
    offsets, offset = [], 0
    for buffer in buffers:
        offsets.append(ops.cast(offset, "int32"))
        offset = offset + ops.shape(buffer)[0]
    indices = indices + ops.take(ops.stack(offsets), source)[:, None]
    if len(buffers) > 1:
        return _sum_taps(ops.concatenate(buffers), indices, weights)
    return _sum_taps(buffers[0], indices, weights)


def _sum_taps(buffer, indices, weights):
    dtype = buffer.dtype

    @ops.custom_gradient
    def summed(rows):
        total = 0.0
        for k in range(indices.shape[1]):
            row = ops.cast(ops.take(rows, indices[:, k], axis=0), "float32")
            total = total + row * weights[:, k, None]

        def gradient(*args, upstream=None):
            upstream = args[-1] if upstream is None else upstream
            upstream = ops.cast(upstream, "float32")
            number = ops.shape(rows)[0]
            scattered = _scatter_all(upstream, indices, weights, number)
            return ops.cast(scattered, dtype)

        return ops.cast(total, dtype), gradient

    return summed(buffer)


def _scatter_all(values, indices, weights, number):
    """Adds weighted rows (M, C) to their K places each, of `number` in all.

    The weighted rows, K times as many numbers as the rows, exist for a part
    of the rows at a time, where it is known how many there are.
    """
    rows = values.shape[0]
    empty = ops.zeros((number, values.shape[1]))
    if not isinstance(rows, int) or rows < SCATTER_PARTS**2:
        return _scatter(empty, values, indices, weights)
    size = -(-rows // SCATTER_PARTS)
    padding = [(0, size * SCATTER_PARTS - rows), (0, 0)]
    parts = [ops.pad(x, padding) for x in (values, indices, weights)]

    def add(part, total):
        sliced = [
            ops.slice(x, (part * size, 0), (size, x.shape[1])) for x in parts
        ]
        return _scatter(total, *sliced)

    return ops.fori_loop(0, SCATTER_PARTS, add, empty)


def _scatter(total, values, indices, weights):
    values = values[:, None, :] * weights[:, :, None]
    return ops.scatter_update(
        total,
        ops.reshape(indices, (-1, 1)),
        ops.reshape(values, (-1, total.shape[1])),
        reduction="add",
    )


if keras.backend.backend() == "torch":
    from mtvision.ops._torch import weighted_rows as _weighted_rows
else:
    _weighted_rows = _by_taps
