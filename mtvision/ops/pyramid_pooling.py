"""Spatial pyramid pooling: maxima of few large and of many small bins."""

from keras import ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.roi_pool import roi_pool


def spatial_pyramid_pool(features, boxes, levels, *, spatial_scale=1.0):
    """Takes the maxima of each box in bins of several sizes.

    The bins are those of `roi_pool`. Where the bins of one level are whole
    groups of those of a finer one, as 1, 2 and 3 a side are of 6, their
    maxima are taken of its maxima: the same numbers, in less time.

    Args:
        features: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        levels: Bins along a side at each level.
        spatial_scale: Feature pixels for each image pixel: 1 / stride.

    Returns:
        Tensor (B, R, N, C) of all N bins: level by level, each row by row.

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> features = keras.ops.reshape(keras.ops.arange(16.0), (1, 4, 4, 1))
    >>> box = np.array([[[0.0, 0.0, 3.0, 3.0]]])
    >>> pooled = spatial_pyramid_pool(features, box, (1, 2))
    >>> [float(x) for x in pooled[0, 0, :, 0]]
    [15.0, 5.0, 7.0, 13.0, 15.0]

    Reference:
        He et al., Spatial Pyramid Pooling in Deep Convolutional Networks for
        Visual Recognition, 2014.
    """
    levels = check_levels(levels)
    features = ops.convert_to_tensor(features)
    # A channel of ones tells bins with a pixel from those without.
    ones = ops.ones_like(features[..., :1])
    features = ops.concatenate([features, ones], axis=-1)
    pooled = {}
    for level in sorted(set(levels), reverse=True):
        finer = [n for n in pooled if n % level == 0]
        if finer:
            pooled[level] = _merge(pooled[finer[-1]], level)
        else:
            pooled[level] = roi_pool(
                features, boxes, level, spatial_scale=spatial_scale
            )
    bins = [_as_list(pooled[level]) for level in levels]
    return ops.concatenate(bins, axis=2)[..., :-1]


def whole_map(features):
    """The box that `roi_pool` takes for all of a map.

    Args:
        features: Tensor (B, H, W, C).

    Returns:
        Tensor (B, 1, 4), float32, for a `spatial_scale` of 1.

    Example:

    >>> [int(x) for x in whole_map(np.zeros((1, 4, 6, 2)))[0, 0]]
    [0, 0, 5, 3]
    """
    batch, height, width = ops.shape(features)[:3]
    high = ops.stack([ops.cast(n, "float32") - 1.0 for n in (width, height)])
    box = ops.concatenate([ops.zeros_like(high), high])
    return ops.broadcast_to(ops.reshape(box, (1, 1, 4)), (batch, 1, 4))


def check_levels(levels):
    """Raises unless levels are some numbers of bins.

    Args:
        levels: What was given.

    Returns:
        Tuple of integers.

    Raises:
        ValueError: If they are not.

    Example:

    >>> check_levels([1, 2, 3, 6])
    (1, 2, 3, 6)
    """
    if not isinstance(levels, list | tuple) or not levels:
        raise ValueError(
            "Expected levels as numbers of bins along a side, such as "
            f"(1, 2, 3, 6), received {levels!r}."
        )
    for level in levels:
        require_count(level, 1, "levels")
    return tuple(int(level) for level in levels)


def _merge(pooled, level):
    """Maxima of groups of bins: (B, R, n, n, C) to (B, R, level, level, C)."""
    bins, channels = pooled.shape[2], pooled.shape[-1]
    group = bins // level
    shape = (-1, ops.shape(pooled)[1], level, group, level, group, channels)
    # What no pixel is in is 0, which is no maximum of negative numbers.
    is_filled = pooled[..., -1:] > 0
    lowest = ops.where(is_filled, pooled, float("-inf"))
    merged = ops.max(ops.reshape(lowest, shape), axis=(3, 5))
    return ops.where(merged > float("-inf"), merged, 0.0)


def _as_list(pooled):
    bins, channels = pooled.shape[2] ** 2, pooled.shape[-1]
    return ops.reshape(pooled, (-1, ops.shape(pooled)[1], bins, channels))
