"""A logarithm for numbers of both signs."""

from keras import ops

from mtvision.ops.exporting import expm1

# Beyond, `signed_exp` gives what it gives here: nothing is infinite.
LARGEST = 15.0


def signed_log(x):
    """`sign(x) * log(1 + |x|)`: near 0 as x, far away in ever smaller steps.

    Args:
        x: Tensor (...).

    Returns:
        Tensor (...), float32.

    Example:

    >>> [round(float(v), 4) for v in signed_log([0.0, 1.0, -9.0])]
    [0.0, 0.6931, -2.3026]
    """
    x = ops.cast(x, "float32")
    return ops.sign(x) * ops.log1p(ops.abs(x))


def signed_exp(x):
    """The reverse of `signed_log`, for |x| up to 15.

    Args:
        x: Tensor (...).

    Returns:
        Tensor (...), float32.

    Example:

    >>> [round(float(v), 4) for v in signed_exp([0.0, 0.6931, -2.3026])]
    [0.0, 0.9999, -9.0001]
    """
    x = ops.cast(x, "float32")
    return ops.sign(x) * expm1(ops.minimum(ops.abs(x), LARGEST))
