"""RoIPool: the maximum of a feature map in bins of boxes."""

from keras import ops

from mtvision.ops import region_checks as checks
from mtvision.ops import regions


def roi_pool(features, boxes, output_size, *, spatial_scale=1.0):
    """Takes the maximum of each bin of each box.

    Corners are rounded to feature pixels, and bins to whole pixels, which
    they may share. A bin outside of the map gives zero, as does a box with
    NaN or infinity. The gradient goes to the first maximum of a bin; none
    flows to the boxes. The time grows with the pixels of the largest bin:
    prefer `roi_align`, which is also more exact.

    Args:
        features: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        output_size: Bins, a number or (height, width).
        spatial_scale: Feature pixels for each image pixel: 1 / stride.

    Returns:
        Tensor (B, R, h, w, C), of the dtype of `features`.

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> features = keras.ops.reshape(keras.ops.arange(16.0), (1, 4, 4, 1))
    >>> pooled = roi_pool(features, np.array([[[0.0, 0.0, 3.0, 3.0]]]), 2)
    >>> [float(x) for x in keras.ops.reshape(pooled, (-1,))]
    [5.0, 7.0, 13.0, 15.0]

    Reference:
        Girshick, Fast R-CNN, 2015. Equal to torchvision's compiled kernel.
    """
    checks.refuse_symbolic("roi_pool", "RoIPool", features, boxes)
    features, boxes = map(ops.convert_to_tensor, (features, boxes))
    checks.check_regions("roi_pool", features, boxes)
    bins = checks.standardize_size("roi_pool", output_size)
    checks.check_positive("roi_pool", "spatial_scale", spatial_scale)
    shape = ops.shape(features)
    # Scalar tensors where TensorFlow does not know them.
    known = [n for n in (shape[0], boxes.shape[1]) if isinstance(n, int)]
    if 0 in known:
        empty = (shape[0], boxes.shape[1], *bins, features.shape[-1])
        return ops.zeros(empty, features.dtype)
    y, x, filled = bin_spans(boxes, bins, shape[1:3], spatial_scale)
    found = _first_maxima(ops.stop_gradient(features), y, x)
    channels = features.shape[-1]
    place = found * channels + ops.arange(channels, dtype="int32")
    pooled = ops.take(ops.reshape(features, (-1,)), place)
    return ops.where(filled, pooled, ops.zeros_like(pooled))


def bin_spans(boxes, bins, size, spatial_scale):
    """The pixels of all bins of boxes.

    Args:
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        bins: Numbers of them, (h, w).
        size: Height and width of the map.
        spatial_scale: Feature pixels for each image pixel.

    Returns:
        `(y, x, filled)`: pairs of the first and one beyond the last row,
        (B, R, h), and column, (B, R, w), int32; and bool (B, R, h, w, 1),
        false for bins without a pixel and for boxes with NaN.
    """
    boxes, finite = regions.finite_boxes(boxes, spatial_scale)
    corners = regions.round_half_away(boxes * spatial_scale)
    y, x = (
        _spans(corners[..., axis], corners[..., axis + 2], n, length)
        for axis, n, length in ((1, bins[0], size[0]), (0, bins[1], size[1]))
    )
    return y, x, _is_filled(y, x, finite)


def _spans(low, high, bins, length):
    """First and one beyond the last pixel of each bin: (B, R, P), int32."""
    side = ops.maximum(high - low + 1.0, 1.0)[..., None]
    side = regions.bin_side(side, bins)
    p = ops.arange(bins, dtype="float32")
    low = low[..., None]
    length = ops.cast(length, "float32")
    first = ops.clip(ops.floor(p * side) + low, 0.0, length)
    end = ops.clip(ops.ceil((p + 1.0) * side) + low, 0.0, length)
    return ops.cast(first, "int32"), ops.cast(end, "int32")


def _is_filled(y, x, finite):
    """Which bins hold a pixel: (B, R, h, w, 1)."""
    rows, columns = y[1] > y[0], x[1] > x[0]
    filled = ops.logical_and(rows[..., None], columns[:, :, None, :])
    return ops.logical_and(filled, finite[..., None, None])[..., None]


def _first_maxima(features, y, x):
    """Row, in the flattened map, of the first maximum of each bin.

    Goes through the pixels of all bins at once, as far as the largest needs.

    Args:
        features: Tensor (B, H, W, C).
        y: First and end rows of the bins, (B, R, h) each.
        x: First and end columns, (B, R, w) each.

    Returns:
        Tensor (B, R, h, w, C), int32.
    """
    batch, height, width, channels = ops.shape(features)
    rows = ops.reshape(features, (-1, channels))
    image = ops.arange(batch, dtype="int32")[:, None, None, None] * height
    tall, wide = (ops.max(end - low, initial=0) for low, end in (y, x))
    y_first, y_end = (v[..., None] for v in y)
    x_first, x_end = (v[:, :, None, :] for v in x)

    def look(pixel, best, found):
        row = y_first + pixel // ops.maximum(wide, 1)
        column = x_first + pixel % ops.maximum(wide, 1)
        inside = ops.logical_and(row < y_end, column < x_end)
        place = ops.where(inside, (image + row) * width + column, 0)
        value = ops.take(rows, place, axis=0)
        better = ops.logical_and(inside[..., None], value > best)
        return (
            pixel + 1,
            ops.where(better, value, best),
            ops.where(better, place[..., None], found),
        )

    shape = ops.shape(y_first + x_first)
    start = (
        ops.zeros((), "int32"),
        ops.full((*shape, channels), -float("inf"), features.dtype),
        ops.zeros((*shape, channels), "int32"),
    )
    return ops.while_loop(lambda pixel, *_: pixel < tall * wide, look, start)[2]
