"""Interpolation as matrices: what each old pixel counts in each new one.

Resizing is separable, so that a matrix for each axis is all it takes, on any
backend alike. Positions are fractions of integers and thus exact, where most
libraries round them.
"""

from keras import ops

from mtvision.ops.exporting import is_exporting


def triangle(x):
    """Kernel of linear interpolation.

    Args:
        x: Tensor, distances in pixels.

    Returns:
        Tensor of its shape.
    """
    return ops.maximum(1 - ops.abs(x), 0)


def cubic(x, a):
    """Keys' kernel: piecewise cubic, and zero at all whole numbers but 0.

    Args:
        x: Tensor, distances in pixels.
        a: Its slope at 1; -0.5 makes the interpolation exact for parabolas.

    Returns:
        Tensor of the shape of `x`.

    Example:

    >>> [float(w) for w in cubic(keras.ops.array([0.0, 0.5, 1.5]), -0.75)]
    [1.0, 0.59375, -0.09375]

    Reference:
        Keys, Cubic convolution interpolation for digital image processing,
        1981.
    """
    x = ops.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return ops.where(x <= 1, near, ops.where(x < 2, far, 0.0))


def interpolation_matrix(
    old,
    new,
    kernel,
    reach,
    *,
    align_corners=False,
    antialias=False,
    renormalize=False,
):
    """The matrix that resizes one axis.

    Args:
        old: Length of the axis, L.
        new: Length that it shall have, N.
        kernel: Function of distances to weights.
        reach: Pixels from the centre of the kernel to its end.
        align_corners: Whether the centres of the first and last pixels stay
            where they are, instead of the outer edges of these pixels.
        antialias: Whether the kernel widens as the map shrinks.
        renormalize: Whether weights beyond the border are left out, and the
            others scaled to sum to 1. Otherwise the pixel at the border
            stands for those beyond.

    Returns:
        Tensor (N, L), float32, with rows that sum to 1.

    Example:

    >>> matrix = interpolation_matrix(2, 4, triangle, 1)
    >>> [[float(w) for w in row] for row in matrix]
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    pixels = ops.arange(new, dtype="int32")
    if align_corners:
        position = pixels * (old - 1)
        unit = ops.maximum(ops.cast(new, "int32") - 1, 1)
    else:
        position = (2 * pixels + 1) * old - new
        unit = ops.cast(2 * new, "int32")
    whole = position // unit
    rest = ops.cast(position - whole * unit, "float32")
    rest = rest / ops.cast(unit, "float32")
    border = 0 if renormalize else reach
    taps = ops.arange(-border, old + border, dtype="int32")
    distance = ops.cast(taps - whole[:, None], "float32") - rest[:, None]
    if antialias:
        shrink = ops.cast(old, "float32") / ops.cast(new, "float32")
        distance = distance / ops.maximum(shrink, 1.0)
    weights = kernel(distance)
    if renormalize:
        return weights / ops.sum(weights, axis=1, keepdims=True)
    before, after = weights[:, :border], weights[:, old + border :]
    weights = weights[:, border : old + border]
    ends = [ops.sum(w, axis=1, keepdims=True) for w in (before, after)]
    is_end = [ops.arange(old, dtype="int32") == i for i in (0, old - 1)]
    for end, where in zip(ends, is_end):
        weights = weights + end * ops.cast(where, "float32")
    return weights


def apply_matrices(x, rows, columns):
    """Resizes both axes of maps.

    Args:
        x: Maps (B, h, w, C).
        rows: Matrix (H, h).
        columns: Matrix (W, w).

    Returns:
        Maps (B, H, W, C).
    """
    if is_exporting():  # LiteRT's sums of a free batch cannot be loaded
        batch, height, width, channels = ops.shape(x)
        x = ops.reshape(x, (batch, height, width * channels))
        x = ops.reshape(ops.matmul(rows, x), (batch, -1, width, channels))
        return ops.matmul(columns, x)
    # Small letters only: Keras cannot tell the shape of others.
    x = ops.einsum("ih,bhwc->biwc", rows, x)
    return ops.einsum("jw,bhwc->bhjc", columns, x)
