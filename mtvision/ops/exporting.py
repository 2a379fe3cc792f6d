"""Forms of operations that other runtimes know.

What Keras and XLA compute best is not always in the vocabulary of ONNX or
LiteRT. Within `exporting()` such operations take another form of the same
values; outside of it nothing changes.
"""

import contextlib
import contextvars

from keras import ops

_EXPORTING = contextvars.ContextVar("mtvision_exporting", default=False)


@contextlib.contextmanager
def exporting():
    """Graphs that are traced within consist of plain operations.

    Example:

    >>> with exporting():
    ...     is_exporting()
    True
    >>> is_exporting()
    False
    """
    token = _EXPORTING.set(True)
    try:
        yield
    finally:
        _EXPORTING.reset(token)


def is_exporting():
    """Whether a graph is traced for another runtime.

    Returns:
        Boolean.

    Example:

    >>> is_exporting()
    False
    """
    return _EXPORTING.get()


def argmax(x, axis=-1, *, keepdims=False):
    """Place of the first of the largest values.

    Keras' own tells -0 from 0 by bits, which ONNX and LiteRT cannot.

    Args:
        x: Tensor.
        axis: Along which axis.
        keepdims: Whether the axis stays, with a length of 1.

    Returns:
        Tensor, int32, of the shape of `x` without that axis.

    Example:

    >>> [int(i) for i in argmax([[1.0, 3.0, 3.0], [0.0, -1.0, -2.0]])]
    [1, 0]
    """
    x = ops.convert_to_tensor(x)
    if is_exporting():
        largest = ops.max(x, axis=axis, keepdims=True)
        x = ops.cast(x >= largest, "int32")
    return ops.cast(ops.argmax(x, axis=axis, keepdims=keepdims), "int32")


def expm1(x):
    """`exp(x) - 1`, exact also near 0.

    ONNX has no such operation: `tanh(x / 2) * (exp(x) + 1)` is the same.

    Args:
        x: Tensor, float.

    Returns:
        Tensor of its shape and dtype.

    Example:

    >>> round(float(expm1(1.0)), 4)
    1.7183
    """
    if is_exporting():
        return ops.tanh(x / 2) * (ops.exp(x) + 1)
    return ops.expm1(x)


def map_rows(function, rows):
    """What a function gives for each of the first axis, one after the other.

    Keras' own collects in a list, which LiteRT takes of static shapes only.

    Args:
        function: From a tuple of tensors to a tensor or a tuple of them.
        rows: Tuple of tensors (N, ...), N static and at least 1.

    Returns:
        Tensor (N, ...), or a tuple of them.

    Example:

    >>> doubled = map_rows(lambda row: 2 * row[0], (np.arange(3.0),))
    >>> [float(x) for x in doubled]
    [0.0, 2.0, 4.0]
    """
    if not is_exporting():
        return ops.map(function, rows)
    places = ops.arange(rows[0].shape[0], dtype="int32")

    def step(row, *found):
        each = function(tuple(ops.take(x, row, axis=0) for x in rows))
        pairs = zip(_as_list(each), found, strict=True)
        return row + 1, *(_put(new, old, places == row) for new, old in pairs)

    first = function(tuple(x[0] for x in rows))
    found = [_put(x, 0, places == 0) for x in _as_list(first)]
    _, *found = ops.while_loop(
        lambda row, *_: row < rows[0].shape[0],
        step,
        (ops.convert_to_tensor(1, "int32"), *found),
    )
    return found[0] if len(found) == 1 else tuple(found)


def _as_list(values):
    return list(values) if isinstance(values, list | tuple) else [values]


def _put(value, values, where):
    where = ops.reshape(where, (-1, *[1] * len(value.shape)))
    return ops.where(where, value[None], values)
