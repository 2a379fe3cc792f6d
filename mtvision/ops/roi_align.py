"""RoIAlign: bilinear samples of a feature map, averaged in bins of boxes."""

import math

from keras import ops

from mtvision.ops import region_checks as checks
from mtvision.ops import regions
from mtvision.ops.pyramids import level_stride
from mtvision.ops.sampling import weighted_rows


def roi_align(
    features,
    boxes,
    output_size,
    *,
    spatial_scale=1.0,
    sampling_ratio=2,
    aligned=True,
):
    """Pools each box of a feature map to bins of fixed number.

    A bin is the mean of bilinear samples spread evenly over it. A sample more
    than a pixel outside of the map counts as zero; a box with NaN or infinity
    gives zeros. A box without area gives what lies at its corner, an inverted
    one what lies in its bins read backwards; with adaptive sampling both give
    zeros, and a NaN in a map reaches all its boxes. No gradient flows to the
    boxes.

    Args:
        features: Tensor (B, H, W, C).
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        output_size: Bins, a number or (height, width).
        spatial_scale: Feature pixels for each image pixel: 1 / stride.
        sampling_ratio: Samples along each side of a bin; 0 for adaptive: as
            many as the bin is long in feature pixels, rounded up.
        aligned: Whether pixel centres are at half-integers. If not, boxes
            are half a feature pixel off and at least one pixel long, as in
            the first implementations.

    Returns:
        Tensor (B, R, h, w, C), of the dtype of `features`.

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> features = keras.ops.reshape(keras.ops.arange(16.0), (1, 4, 4, 1))
    >>> boxes = np.array([[[0.0, 0.0, 8.0, 8.0]]])
    >>> pooled = roi_align(features, boxes, 2, spatial_scale=0.5)
    >>> [float(x) for x in keras.ops.reshape(pooled, (-1,))]
    [2.5, 4.5, 10.5, 12.5]

    Reference:
        He et al., Mask R-CNN, 2017. Equal to torchvision's compiled kernel
        wherever that gives a number.
    """
    checks.refuse_symbolic("roi_align", "RoIAlign", features, boxes)
    features, boxes = map(ops.convert_to_tensor, (features, boxes))
    checks.check_regions("roi_align", features, boxes)
    bins = checks.standardize_size("roi_align", output_size)
    checks.check_positive("roi_align", "spatial_scale", spatial_scale)
    checks.check_sampling_ratio("roi_align", sampling_ratio)
    boxes, finite = regions.finite_boxes(boxes, spatial_scale)
    axes = _axes(boxes, spatial_scale, aligned)
    if sampling_ratio == 0:
        return _by_weights(features, axes, finite, bins)
    level = ops.zeros_like(finite, dtype="int32")
    return _by_taps([features], level, axes, finite, bins, sampling_ratio)


def multilevel_roi_align(
    features,
    boxes,
    output_size,
    *,
    sampling_ratio=2,
    canonical_size=224,
    canonical_level=4,
    aligned=False,
):
    """Pools each box from the level of a pyramid that suits its size.

    The level is `floor(canonical_level + log2(sqrt(area) / canonical_size))`,
    within the levels there are.

    Args:
        features: Dict of maps (B, H, W, C) by level: `"P2"` has stride 4.
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        output_size: Bins, a number or (height, width).
        sampling_ratio: As for `roi_align`.
        canonical_size: Side in pixels of a box that is pooled from
            `canonical_level`.
        canonical_level: Number of that level.
        aligned: As for `roi_align`; False is what torchvision's pyramid
            pooling uses.

    Returns:
        Tensor (B, R, h, w, C).

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> pyramid = {
    ...     "P2": keras.ops.ones((1, 16, 16, 3)),
    ...     "P3": 2 * keras.ops.ones((1, 8, 8, 3)),
    ... }
    >>> boxes = np.array([[[4.0, 4.0, 20.0, 20.0]]])
    >>> tuple(multilevel_roi_align(pyramid, boxes, 7).shape)
    (1, 1, 7, 7, 3)

    Reference:
        Lin et al., Feature Pyramid Networks for Object Detection, 2017.
    """
    name = "multilevel_roi_align"
    checks.refuse_symbolic(name, "MultilevelRoIAlign", features, boxes)
    if isinstance(features, dict):
        features = {k: ops.convert_to_tensor(v) for k, v in features.items()}
    boxes = ops.convert_to_tensor(boxes)
    checks.check_pyramid(name, features, boxes)
    bins = checks.standardize_size(name, output_size)
    checks.check_sampling_ratio(name, sampling_ratio)
    checks.check_positive(name, "canonical_size", canonical_size)
    levels = sorted(features, key=level_stride)
    maps = [features[level] for level in levels]
    boxes, finite = regions.finite_boxes(boxes)
    strides = [level_stride(level) for level in levels]
    level = _levels(boxes, strides, canonical_size, canonical_level)
    if sampling_ratio:
        scale = ops.take([1 / s for s in strides], level)
        axes = _axes(boxes, scale, aligned)
        return _by_taps(maps, level, axes, finite, bins, sampling_ratio)
    pooled = 0.0
    for number, (one_map, stride) in enumerate(zip(maps, strides)):
        axes = _axes(boxes, 1 / stride, aligned)
        here = ops.logical_and(finite, level == number)
        pooled = pooled + _by_weights(one_map, axes, here, bins)
    return pooled


def _levels(boxes, strides, canonical_size, canonical_level):
    """Which of the maps each box is pooled from: (B, R), int32."""
    sides = boxes[..., 2:] - boxes[..., :2]
    area = ops.maximum(sides[..., 0] * sides[..., 1], 1e-12)
    # As torchvision: a box of just the canonical size must not fall short.
    level = canonical_level + ops.log2(ops.sqrt(area) / canonical_size) + 1e-6
    coarser = [math.log2(stride) for stride in strides[1:]]
    reached = [ops.cast(level >= number, "int32") for number in coarser]
    return sum(reached, ops.zeros_like(level, dtype="int32"))


def _axes(boxes, scale, aligned):
    """Start and length of boxes along y and x, in feature pixels."""
    x1, y1, x2, y2 = (boxes[..., i] * scale for i in range(4))
    height, width = y2 - y1, x2 - x1
    if aligned:
        return (y1 - 0.5, height), (x1 - 0.5, width)
    return (y1, ops.maximum(height, 1.0)), (x1, ops.maximum(width, 1.0))


def _by_weights(features, axes, finite, bins):
    """Adaptive sampling, as two products with matrices of weights."""
    (rows, columns), dtype = ops.shape(features)[1:3], features.dtype
    y = regions.axis_weights(*axes[0], bins[0], rows, 0)
    x = regions.axis_weights(*axes[1], bins[1], columns, 0)
    y = ops.where(finite[..., None, None], y, 0.0)
    features = ops.cast(features, "float32")
    pooled = ops.einsum("brph,bhwc->brpwc", y, features)
    return ops.cast(ops.einsum("brqw,brpwc->brpqc", x, pooled), dtype)


def _by_taps(maps, level, axes, finite, bins, sampling_ratio):
    """Gathers the pixels beside each sample, each box from its own map."""
    sizes = [ops.shape(one_map) for one_map in maps]
    height = _choose([size[1] for size in sizes], level)
    width = _choose([size[2] for size in sizes], level)
    y, y_weights = _taps(axes[0], bins[0], sampling_ratio, height)
    x, x_weights = _taps(axes[1], bins[1], sampling_ratio, width)
    image = ops.arange(sizes[0][0], dtype="int32")[:, None]
    first = image * height * width
    rows = first[..., None, None] + y * width[..., None, None]
    y_weights = ops.where(finite[..., None, None], y_weights, 0.0)
    channels = maps[0].shape[-1]
    pooled = weighted_rows(
        [ops.reshape(one_map, (-1, channels)) for one_map in maps],
        ops.repeat(ops.reshape(level, (-1,)), bins[0] * bins[1]),
        _outer(ops.add, rows, x),
        _outer(ops.multiply, y_weights, x_weights),
    )
    return ops.reshape(pooled, (*ops.shape(level), *bins, channels))


def _choose(numbers, level):
    """The number, of one for each map, that holds for each box's map."""
    table = ops.stack([ops.cast(number, "int32") for number in numbers])
    return ops.take(table, level)


def _taps(axis, bins, sampling_ratio, length):
    positions = regions.axis_samples(*axis, bins, sampling_ratio)
    return regions.axis_taps(positions, length[..., None, None])


def _outer(combine, y, x):
    """Combines (B, R, h, S) and (B, R, w, S) to (B R h w, S S)."""
    grid = combine(y[:, :, :, None, :, None], x[:, :, None, :, None, :])
    return ops.reshape(grid, (-1, y.shape[-1] * x.shape[-1]))
