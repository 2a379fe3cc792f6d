"""Values of maps between their pixels."""

import keras
from keras import ops

from mtvision.ops.regions import axis_taps
from mtvision.ops.shapes import require_channels_last, require_rank


def sample_bilinear(x, points):
    """Values of maps at points between the pixels.

    The four pixels around a point count by how near they are. A point up to
    one pixel outside of the map has the value at the border, one further
    outside is zero. The gradient flows to the maps and to the points.

    Args:
        x: Maps (B, H, W, C), floating point.
        points: Tensor (B, N, 2), x and y in pixels of the map, with the
            centre of the first pixel at 0.

    Returns:
        Tensor (B, N, C) of the dtype of `x`; computed in float32.

    Raises:
        ValueError: If ranks are wrong or points are not pairs.

    Example:

    >>> x = keras.ops.reshape([0.0, 1.0, 2.0, 3.0], (1, 2, 2, 1))
    >>> float(sample_bilinear(x, [[[0.5, 0.25]]])[0, 0, 0])
    1.0

    Reference:
        Jaderberg et al., Spatial Transformer Networks, 2015.
    """
    require_channels_last("sample_bilinear")
    if isinstance(x, keras.KerasTensor) or isinstance(
        points, keras.KerasTensor
    ):
        raise ValueError(
            "sample_bilinear expects tensors with values, received a symbolic "
            "one. Call it inside a layer."
        )
    x = ops.convert_to_tensor(x)
    points = ops.cast(ops.convert_to_tensor(points), "float32")
    require_rank(x.shape, 4, "x (B, H, W, C)")
    require_rank(points.shape, 3, "points (B, N, 2)")
    if points.shape[-1] != 2:
        raise ValueError(
            "Expected points (B, N, 2) as x and y, received shape "
            f"{tuple(points.shape)}."
        )
    batch, height, width, channels = ops.shape(x)
    points = ops.reshape(points, (batch, -1, 2, 1))
    columns, x_weights = axis_taps(points[:, :, :1], width)
    rows, y_weights = axis_taps(points[:, :, 1:], height)
    images = ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1, 1))
    rows, columns = rows[:, :, 0, :, None], columns[:, :, 0, None, :]
    pixels = (images[..., None] * height + rows) * width + columns
    around = ops.take(ops.reshape(x, (-1, channels)), pixels, axis=0)
    weights = y_weights[:, :, 0, :, None] * x_weights[:, :, 0, None, :]
    values = ops.cast(around, "float32") * weights[..., None]
    return ops.cast(ops.sum(values, axis=(2, 3)), x.dtype)
