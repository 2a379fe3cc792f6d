"""Position-sensitive pooling of boxes: each bin reads channels of its own.

A NaN in a map reaches all its boxes.
"""

from keras import ops

from mtvision.ops import region_checks as checks
from mtvision.ops import regions


def ps_roi_align(
    features, boxes, output_size, *, spatial_scale=1.0, sampling_ratio=2
):
    """Averages bilinear samples, each bin from its own group of channels.

    Args:
        features: Tensor (B, H, W, C h w). Channel `(c h + i) w + j` holds
            output channel c of the bin in row i and column j.
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        output_size: Bins, a number or (height, width): h, w.
        spatial_scale: Feature pixels for each image pixel: 1 / stride.
        sampling_ratio: Samples along each side of a bin; 0 for adaptive, see
            `roi_align`. Pixel centres are at half-integers.

    Returns:
        Tensor (B, R, h, w, C), of the dtype of `features`; zeros for a box
        with NaN or infinity, and with adaptive sampling for one without area.

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> features = np.ones((1, 6, 6, 2 * 3 * 3), "float32")
    >>> boxes = np.array([[[0.0, 0.0, 6.0, 6.0]]])
    >>> tuple(ps_roi_align(features, boxes, 3).shape)
    (1, 1, 3, 3, 2)

    Reference:
        Li et al., Light-Head R-CNN, 2017, in the form of torchvision's
        compiled kernel, to which it is equal wherever that gives a number.
    """
    checks.refuse_symbolic("ps_roi_align", "PSRoIAlign", features, boxes)
    features, boxes = map(ops.convert_to_tensor, (features, boxes))
    bins = checks.standardize_size("ps_roi_align", output_size)
    checks.check_position_sensitive("ps_roi_align", features, boxes, bins)
    checks.check_positive("ps_roi_align", "spatial_scale", spatial_scale)
    checks.check_sampling_ratio("ps_roi_align", sampling_ratio)
    boxes, finite = regions.finite_boxes(boxes, spatial_scale)
    boxes = boxes * spatial_scale
    low, sides = boxes[..., :2] - 0.5, boxes[..., 2:] - boxes[..., :2]
    sizes = ops.shape(features)[1:3]
    y, x = (
        regions.axis_weights(
            low[..., axis], sides[..., axis], count, n, sampling_ratio
        )
        for axis, count, n in zip((1, 0), bins, sizes)
    )
    return _weigh(features, y, x, finite)


def ps_roi_pool(features, boxes, output_size, *, spatial_scale=1.0):
    """Averages whole pixels, each bin from its own group of channels.

    Args:
        features: Tensor (B, H, W, C h w), channels as for `ps_roi_align`.
        boxes: Tensor (B, R, 4), xyxy in pixels of the image; corners are
            rounded to feature pixels.
        output_size: Bins, a number or (height, width): h, w.
        spatial_scale: Feature pixels for each image pixel: 1 / stride.

    Returns:
        Tensor (B, R, h, w, C), of the dtype of `features`; zeros for bins
        outside of the map and for a box with NaN or infinity.

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> features = np.ones((1, 6, 6, 2 * 3 * 3), "float32")
    >>> boxes = np.array([[[0.0, 0.0, 6.0, 6.0]]])
    >>> tuple(ps_roi_pool(features, boxes, 3).shape)
    (1, 1, 3, 3, 2)

    Reference:
        Dai et al., R-FCN, 2016, in the form of torchvision's compiled
        kernel, to which it is equal.
    """
    checks.refuse_symbolic("ps_roi_pool", "PSRoIPool", features, boxes)
    features, boxes = map(ops.convert_to_tensor, (features, boxes))
    bins = checks.standardize_size("ps_roi_pool", output_size)
    checks.check_position_sensitive("ps_roi_pool", features, boxes, bins)
    checks.check_positive("ps_roi_pool", "spatial_scale", spatial_scale)
    boxes, finite = regions.finite_boxes(boxes, spatial_scale)
    corners = regions.round_half_away(boxes * spatial_scale)
    sizes = ops.shape(features)[1:3]

    def pool(last):
        y, x = (
            _pixel_shares(
                corners[..., axis], corners[..., axis + 2], count, n, n - last
            )
            for axis, count, n in zip((1, 0), bins, sizes)
        )
        return _weigh(features, y, x, finite)

    # The kernel leaves out the last row and column, but its gradient does not.
    pooled = pool(0)
    return pooled + ops.stop_gradient(pool(1) - pooled)


def _pixel_shares(low, high, bins, length, limit):
    """Share of each pixel in the mean of each bin: (B, R, P, L)."""
    side = regions.bin_side(ops.maximum(high - low, 1.0)[..., None], bins)
    p = ops.arange(bins, dtype="float32")
    low, limit = low[..., None], ops.cast(limit, "float32")
    first = ops.clip(ops.floor(p * side + low), 0.0, limit)[..., None]
    end = ops.clip(ops.ceil((p + 1.0) * side + low), 0.0, limit)[..., None]
    pixels = ops.arange(length, dtype="float32")
    inside = ops.logical_and(pixels >= first, pixels < end)
    count = ops.maximum(end - first, 1.0)
    return ops.cast(inside, "float32") / count


def _weigh(features, y, x, finite):
    """Sums pixels by the weights of rows and columns of each bin."""
    dtype, (batch, height, width, channels) = (
        features.dtype,
        ops.shape(features),
    )
    h, w = y.shape[2], x.shape[2]
    y = ops.where(finite[..., None, None], y, 0.0)
    groups = ops.reshape(
        ops.cast(features, "float32"),
        (batch, height, width, channels // (h * w), h, w),
    )
    pooled = ops.einsum("brpl,blmcpq->brpmcq", y, groups)
    return ops.cast(ops.einsum("brqm,brpmcq->brpqc", x, pooled), dtype)
