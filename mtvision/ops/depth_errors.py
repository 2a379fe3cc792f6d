"""Errors of depth maps, in metres and as ratios."""

import math

from keras import ops

from mtvision.ops.averages import spread_weight
from mtvision.ops.shapes import require_same_shape

# Metres; twice as far as the moon. The square of what is further, as sensors
# write it for what they do not measure, would soon be infinite.
FARTHEST = 1e9
# Below this, a predicted depth counts as this: its logarithm stays finite.
SMALLEST = 1e-6
# How far apart two depths may be, as a ratio, to count as alike.
RATIOS = (1.25, 1.25**2, 1.25**3)


def depth_maps(y_true, y_pred, name):
    """Truth and prediction without an axis of one channel.

    Args:
        y_true: Depths (B, H, W) or (B, H, W, 1).
        y_pred: Depths in either form.
        name: What asks, for the message.

    Returns:
        Both as float32 tensors (B, H, W).

    Raises:
        ValueError: If they do not fit.

    Example:

    >>> import numpy as np
    >>> maps = depth_maps(np.ones((1, 2, 3)), np.ones((1, 2, 3, 1)), "loss")
    >>> [tuple(each.shape) for each in maps]
    [(1, 2, 3), (1, 2, 3)]
    """
    maps = []
    for depth in (y_true, y_pred):
        depth = ops.cast(depth, "float32")
        if len(depth.shape) == 4 and depth.shape[-1] == 1:
            depth = depth[..., 0]
        maps.append(depth)
    require_same_shape(*maps, name)
    return tuple(maps)


def is_measured(depth):
    """Which pixels have a depth: those above 0 and below `FARTHEST`.

    Args:
        depth: Tensor of any shape, metres.

    Returns:
        Bool tensor of the same shape.

    Example:

    >>> [bool(x) for x in is_measured([1.5, 0.0, float("nan")])]
    [True, False, False]
    """
    depth = ops.cast(depth, "float32")
    return ops.logical_and(depth > 0, depth < FARTHEST)


def log_depth(depth):
    """Natural logarithm of depths, finite for any finite number.

    Args:
        depth: Tensor of any shape, metres.

    Returns:
        Tensor of the same shape.

    Example:

    >>> round(float(log_depth(1.0)), 3)
    0.0
    """
    return ops.log(ops.maximum(depth, SMALLEST))


def berhu(errors, threshold):
    """Absolute for small errors, squared for large ones: Huber reversed.

    `error` up to the threshold c, `(error ** 2 + c ** 2) / (2 c)` beyond.

    Args:
        errors: Tensor of errors, of any sign.
        threshold: c, a tensor that broadcasts to it, 0 or more; 0 gives the
            absolute error.

    Returns:
        Tensor of the shape of `errors`.

    Example:

    >>> [float(x) for x in berhu([0.5, -3.0], 1.0)]
    [0.5, 5.0]

    Reference:
        Laina et al., Deeper Depth Prediction with Fully Convolutional
        Residual Networks, 2016.
    """
    errors = ops.abs(ops.convert_to_tensor(errors))
    threshold = ops.convert_to_tensor(threshold, dtype=errors.dtype)
    bend = ops.where(threshold > 0, threshold, 1.0)
    squared = (ops.square(errors) + ops.square(bend)) / (2 * bend)
    is_large = ops.logical_and(errors > threshold, threshold > 0)
    return ops.where(is_large, squared, errors)


def depth_error_sums(truth, prediction, *, sample_weight=None):
    """What the errors of a batch add up to.

    Args:
        truth: Tensor (B, H, W), metres; what is not measured is left out.
        prediction: Tensor (B, H, W), metres.
        sample_weight: `None`, or a tensor (B,) or (B, H, W).

    Returns:
        Tensor (8,) for `depth_scores`: number of pixels; sums of absolute,
        relative, squared and squared logarithmic errors; pixels within each
        of `RATIOS`.

    Example:

    >>> sums = depth_error_sums([[[2.0, 0.0]]], [[[3.0, 9.0]]])
    >>> [round(float(x), 3) for x in sums]
    [1.0, 1.0, 0.5, 1.0, 0.164, 0.0, 1.0, 1.0]
    """
    measured = is_measured(truth)
    weight = ops.cast(measured, "float32")
    if sample_weight is not None:
        weight = weight * spread_weight(sample_weight, truth)
    truth = ops.where(measured, truth, 1.0)
    prediction = ops.where(measured, prediction, 1.0)
    error = ops.abs(prediction - truth)
    log_error = ops.abs(log_depth(prediction) - log_depth(truth))
    values = [ops.ones_like(error), error, error / truth]
    values += [ops.square(error), ops.square(log_error)]
    values += [
        ops.cast(log_error < math.log(ratio), "float32") for ratio in RATIOS
    ]
    return ops.stack([ops.sum(value * weight) for value in values])


def depth_scores(sums):
    """The usual measures of depth, from sums over pixels.

    Args:
        sums: Tensor (8,), as `depth_error_sums` gives it.

    Returns:
        Dict of scalars: `absolute`, `rmse` (metres), `relative`, `rmse_log`
        (natural logarithm), and `delta1` to `delta3`, the shares within a
        ratio of 1.25, 1.25 ** 2 and 1.25 ** 3. All 0 without a pixel.

    Example:

    >>> scores = depth_scores([2.0, 3.0, 1.0, 8.0, 0.5, 0.0, 1.0, 2.0])
    >>> [float(scores[name]) for name in ("absolute", "rmse", "delta2")]
    [1.5, 2.0, 0.5]
    """
    sums = ops.convert_to_tensor(sums, dtype="float32")
    means = ops.divide_no_nan(sums[1:], sums[0])
    return {
        "absolute": means[0],
        "relative": means[1],
        "rmse": ops.sqrt(means[2]),
        "rmse_log": ops.sqrt(means[3]),
        "delta1": means[4],
        "delta2": means[5],
        "delta3": means[6],
    }
