"""Spatial pyramid pooling: maxima of few large and of many small bins."""

from keras import ops

from mtvision.ops import region_checks as checks
from mtvision.ops.option_checks import require_count
from mtvision.ops.roi_pool import bin_spans, roi_pool


def spatial_pyramid_pool(features, boxes, levels, *, spatial_scale=1.0):
    """Takes the maxima of each box in bins of several sizes.

    The bins are those of `roi_pool`. Of the map, maxima are taken first in
    windows of 1, 2, 4, 8... pixels a side at every place; each bin is covered
    by four of these. So the time does not depend on the size of the bins.

    Args:
        features: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        levels: Bins along a side at each level.
        spatial_scale: Feature pixels for each image pixel: 1 / stride.

    Returns:
        Tensor (B, R, N, C) of all N bins: level by level, each row by row.
        No gradient flows to the boxes.

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
    features, boxes = map(ops.convert_to_tensor, (features, boxes))
    checks.check_regions("spatial_pyramid_pool", features, boxes)
    if None in features.shape[1:3]:
        # How many windows there are, is not known while a graph is built.
        return _of_pools(features, boxes, levels, spatial_scale)
    size = features.shape[1:3]
    spans = [
        bin_spans(boxes, (level, level), size, spatial_scale)
        for level in levels
    ]
    corners = [_corners(y, x, size) for y, x, _ in spans]
    table = _window_maxima(features)
    image = ops.arange(ops.shape(features)[0], dtype="int32") * table.shape[1]
    table = ops.reshape(table, (-1, features.shape[-1]))
    places = [ops.concatenate(each, axis=2) for each in zip(*corners)]
    pooled = None
    for place in places:
        # Indices of axes by expand_dims: TensorFlow lost one of `None`.
        place = place + ops.expand_dims(ops.expand_dims(image, -1), -1)
        values = ops.take(table, place, axis=0)
        pooled = values if pooled is None else ops.maximum(pooled, values)
    filled = ops.concatenate([_as_list(each) for *_, each in spans], axis=2)
    return ops.where(filled, pooled, ops.zeros_like(pooled))


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


def _window_maxima(features):
    """Maxima of all windows: (B, K H W, C), where K counts their sizes.

    A window lies right of and below its place. Those that reach beyond the
    map are not of use.
    """
    rows = [features]
    for step in _steps(features.shape[1])[:-1]:
        rows.append(_maxima_of_pairs(rows[-1], step, 1))
    tables = []
    for table in rows:
        tables.append(table)
        for step in _steps(features.shape[2])[:-1]:
            tables.append(_maxima_of_pairs(tables[-1], step, 2))
    batch, channels = ops.shape(features)[0], features.shape[-1]
    cells = len(tables) * features.shape[1] * features.shape[2]
    return ops.reshape(ops.stack(tables, axis=1), (batch, cells, channels))


def _maxima_of_pairs(table, step, axis):
    """Of each window, and the one that begins `step` pixels later."""
    after, last = [slice(None)] * 4, [slice(None)] * 4
    after[axis], last[axis] = slice(step, None), slice(-step, None)
    later = [table[tuple(after)], table[tuple(last)]]
    return ops.maximum(table, ops.concatenate(later, axis=axis))


def _corners(y, x, size):
    """Rows of `_window_maxima` of the four windows that cover each bin.

    Args:
        y: First and end rows, (B, R, n) each.
        x: First and end columns, likewise.
        size: Height and width of the map.

    Returns:
        List of four tensors (B, R, n n), int32.
    """
    height, width = size
    (kind_y, *y), (kind_x, *x) = (
        _two_windows(*span, length)
        for span, length in ((y, height), (x, width))
    )
    sizes = len(_steps(width))
    places = []
    for top in y:
        row = (kind_y * sizes * height + top) * width
        for left in x:
            column = kind_x * height * width + left
            place = ops.expand_dims(row, -1) + ops.expand_dims(column, -2)
            places.append(_flat(place))
    return places


def _two_windows(first, end, length):
    """Number of the largest window within a span, and its two places."""
    long = end - first
    kind, side = ops.zeros_like(long), ops.ones_like(long)
    for step in _steps(length)[1:]:
        fits = ops.cast(long >= step, "int32")
        kind, side = kind + fits, side + fits * (step // 2)
    last = length - 1
    places = ops.minimum(first, last), ops.clip(end - side, 0, last)
    return kind, *places


def _steps(length):
    """Sides of windows: powers of two up to a length."""
    return [2**k for k in range(length.bit_length())]


def _of_pools(features, boxes, levels, spatial_scale):
    """The same by `roi_pool`, of maps of any size."""
    pooled = [
        roi_pool(features, boxes, level, spatial_scale=spatial_scale)
        for level in levels
    ]
    return ops.concatenate([_as_list(each) for each in pooled], axis=2)


def _as_list(pooled):
    """Bins (B, R, n, n, C) as a list (B, R, n n, C)."""
    bins, channels = pooled.shape[2] ** 2, pooled.shape[-1]
    return ops.reshape(pooled, (*ops.shape(pooled)[:2], bins, channels))


def _flat(place):
    bins = place.shape[2] * place.shape[3]
    return ops.reshape(place, (*ops.shape(place)[:2], bins))
