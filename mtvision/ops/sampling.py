"""Sums of rows of a buffer, each with a weight of its own.

Every bilinear sampling comes down to this: a map is a buffer with one row for
each pixel, and a sample is a weighted sum of the rows around it.
"""

import keras
from keras import ops


def weighted_rows(buffer, indices, weights):
    """Sums chosen rows of a buffer, with weights.

    The gradient flows to the buffer only. One backend or the other has a
    faster form, which gives the same.

    Args:
        buffer: Tensor (N, C).
        indices: Tensor (M, K), int32: the rows that each sum takes.
        weights: Tensor (M, K), float32.

    Returns:
        Tensor (M, C), of the dtype of `buffer`; summed in float32.

    Example:

    >>> buffer = keras.ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> rows = weighted_rows(buffer, [[0, 1]], [[0.5, 0.5]])
    >>> [float(x) for x in rows[0]]
    [2.0, 3.0]
    """
    buffer = ops.convert_to_tensor(buffer)
    indices = ops.stop_gradient(ops.convert_to_tensor(indices, "int32"))
    weights = ops.stop_gradient(ops.convert_to_tensor(weights, "float32"))
    return _weighted_rows(buffer, indices, weights)


def _by_taps(buffer, indices, weights):
    """Adds one gathered row after the other: XLA fuses them into one loop.

    Autodiff would scatter a dense gradient for each of the K takes; the
    gradient given here scatters all rows at once.
    """
    taps = indices.shape[1]
    dtype = buffer.dtype

    @ops.custom_gradient
    def summed(rows):
        total = 0.0
        for k in range(taps):
            row = ops.cast(ops.take(rows, indices[:, k], axis=0), "float32")
            total = total + row * weights[:, k, None]

        def gradient(*args, upstream=None):
            upstream = args[-1] if upstream is None else upstream
            upstream = ops.cast(upstream, "float32")
            values = upstream[:, None, :] * weights[:, :, None]
            scattered = ops.segment_sum(
                ops.reshape(values, (-1, rows.shape[1])),
                ops.reshape(indices, (-1,)),
                num_segments=ops.shape(rows)[0],
            )
            return ops.cast(scattered, dtype)

        return ops.cast(total, dtype), gradient

    return summed(buffer)


if keras.backend.backend() == "torch":
    from mtvision.ops._torch import weighted_rows as _weighted_rows
else:
    _weighted_rows = _by_taps
