"""Regions of interest: boxes on a feature map, cut into bins and samples.

A position is in pixels of the feature map, with the centre of the first pixel
at 0. One axis is handled at a time: every operation on regions is separable.
"""

from keras import ops

# Samples of one bin that one pixel can touch: adaptive sampling puts them
# more than 6/7 apart as soon as there are more than this many in a bin.
_NEAR = 6
# Beyond it, coordinates do not fit into integers.
_FAR = 1e9


def finite_boxes(boxes, scale=1.0):
    """Replaces boxes that cannot be computed with by zeros.

    Args:
        boxes: Tensor (B, R, 4).
        scale: Number or tensor (B, R) that they are going to be multiplied
            by.

    Returns:
        `(boxes, finite)`: float32 without a gradient, and bool (B, R): no
        coordinate is NaN, infinite or, scaled, beyond 1e9.
    """
    boxes = ops.stop_gradient(ops.cast(boxes, "float32"))
    scaled = ops.abs(boxes) * scale
    finite = ops.all(ops.logical_and(scaled < _FAR, boxes == boxes), axis=-1)
    return ops.where(finite[..., None], boxes, 0.0), finite


def axis_samples(start, side, bins, samples):
    """Positions of samples along one axis of regions.

    Args:
        start: Tensor (B, R), where each region starts.
        side: Tensor (B, R), its length; negative if inverted.
        bins: Number of bins P.
        samples: Number of samples in each bin S.

    Returns:
        Tensor (B, R, P, S).

    Example:

    >>> start = keras.ops.zeros((1, 1))
    >>> y = axis_samples(start, start + 4, 2, 1)
    >>> [float(v) for v in y[0, 0, :, 0]]
    [1.0, 3.0]
    """
    length = _extend(bin_side(side, bins), 2)
    # The order of the kernel's own arithmetic, for equal rounding.
    within = (ops.arange(samples, dtype="float32") + 0.5) * length / samples
    return _bin_starts(start, side, bins)[..., None] + within


def axis_taps(positions, length):
    """The two pixels beside each sample, and their shares.

    A sample further than one pixel outside of the map counts as zero, one
    within that pixel as the pixel at the border.

    Args:
        positions: Tensor (B, R, P, S).
        length: Pixels along the axis, a number or a tensor (B, R, 1, 1).

    Returns:
        `(indices, weights)`, (B, R, P, 2 S) both: int32 and float32. The
        weights of a bin inside of the map sum to 1.

    Example:

    >>> position = keras.ops.full((1, 1, 1, 1), 2.25)
    >>> indices, weights = axis_taps(position, 4)
    >>> [int(i) for i in indices[0, 0, 0]], [float(w) for w in weights[0, 0, 0]]
    ([2, 3], [0.75, 0.25])
    """
    length = ops.cast(length, "float32")
    inside = ops.logical_and(positions >= -1.0, positions <= length)
    positions = ops.minimum(ops.maximum(positions, 0.0), length - 1)
    low = ops.floor(positions)
    high = ops.minimum(low + 1, length - 1)
    share = positions - low
    scale = ops.cast(inside, "float32") / positions.shape[-1]
    indices = ops.concatenate([low, high], axis=-1)
    weights = ops.concatenate([(1 - share) * scale, share * scale], axis=-1)
    return ops.cast(indices, "int32"), weights


def axis_weights(start, side, bins, length, sampling_ratio):
    """How much each pixel of one axis counts in each bin of regions.

    Args:
        start: Tensor (B, R), where each region starts.
        side: Tensor (B, R), its length; negative if inverted.
        bins: Number of bins P.
        length: Pixels along the axis, L.
        sampling_ratio: Samples in each bin, or 0 for adaptive: one for each
            pixel that a bin is long, rounded up.

    Returns:
        Tensor (B, R, P, L), float32.

    Example:

    >>> start = keras.ops.zeros((1, 1))
    >>> w = axis_weights(start, start + 3, 1, 4, 0)
    >>> [round(6 * float(v)) for v in w[0, 0, 0]]
    [1, 2, 2, 1]
    """
    size = _extend(bin_side(side, bins), 2)
    last_pixel = ops.cast(length, "float32") - 1.0
    first = _bin_starts(start, side, bins)[..., None]
    pixels = ops.arange(length, dtype="float32")
    if sampling_ratio:
        grid = ops.full_like(size, float(sampling_ratio))
        nearest, steps = ops.zeros_like(first), sampling_ratio
    else:
        grid = ops.maximum(ops.ceil(size), 0.0)
        step = size / ops.maximum(grid, 1.0)
        step = ops.where(step > 0, step, 1.0)
        nearest = ops.floor((pixels - 1 - first) / step - 0.5)
        last = ops.maximum(grid - _NEAR, 0.0)
        nearest, steps = ops.clip(nearest, 0.0, last), _NEAR
    count = ops.maximum(grid, 1.0)
    total = 0.0
    for offset in range(steps):
        sample = nearest + offset
        position = first + (sample + 0.5) * size / count
        share = _share(position, pixels, last_pixel)
        total = total + ops.where(sample < grid, share, 0.0)
    return total / count


def _share(position, pixels, last_pixel):
    """The share of a pixel in a bilinear sample along one axis."""
    inside = (position >= -1.0) & (position <= last_pixel + 1.0)
    clipped = ops.minimum(ops.maximum(position, 0.0), last_pixel)
    share = ops.maximum(1.0 - ops.abs(clipped - pixels), 0.0)
    return ops.where(inside, share, 0.0)


def _bin_starts(start, side, bins):
    p = ops.arange(bins, dtype="float32")
    return start[..., None] + p * bin_side(side, bins)[..., None]


def _extend(x, axes):
    for _ in range(axes):
        x = ops.expand_dims(x, -1)
    return x


def bin_side(side, bins):
    """Length of the bins of regions.

    Args:
        side: Tensor, the length of each region.
        bins: Number of bins.

    Returns:
        Tensor of the same shape.

    Example:

    >>> float(bin_side(np.array(7.0), 2))
    3.5
    """
    # XLA makes a division by a constant a product, whose rounding can move
    # the edge of a bin by a pixel: so the divisor must not look constant.
    return side / ops.where(ops.isfinite(side), float(bins), 1.0)


def round_half_away(x):
    """Rounds to whole numbers, halves away from zero, as C does.

    Args:
        x: Tensor.

    Returns:
        Tensor of the same shape and dtype.

    Example:

    >>> [float(v) for v in round_half_away(np.array([0.5, 2.5, -0.5, 1.4]))]
    [1.0, 3.0, -1.0, 1.0]
    """
    return ops.sign(x) * ops.floor(ops.abs(x) + 0.5)
