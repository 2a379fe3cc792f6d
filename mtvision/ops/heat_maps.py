"""Heat maps of points: how far a point's peak reaches, drawing, peaks.

Positions here are cells of the map: x to the right, y down, from 0.
"""

import math

from keras import ops

from mtvision.ops.detections import top_candidates

# Objects drawn at once, so that memory does not grow with M.
GROUP = 32
# Cells. Boxes without area have a radius of 0.
_TINY = 1e-6


def gaussian_radius(sizes, *, min_overlap=0.7):
    """How far a corner may move for its box still to overlap enough.

    The smallest of the radii of three cases: both corners move alike, both
    move inwards, both move outwards. Each is the true root of its quadratic
    equation, divided by `2a` as in mmdet; the code published with CornerNet
    and CenterNet divides by 2 in all three, which gives other radii.

    Args:
        sizes: Tensor (..., 2), heights and widths of boxes, in cells.
        min_overlap: IoU that a moved box must keep, above 0 and below 1.

    Returns:
        Tensor (...), float32, in cells, not rounded.

    Raises:
        ValueError: If `min_overlap` is out of range.

    Example:

    >>> round(float(gaussian_radius([10.0, 10.0])), 3)
    0.817

    Reference:
        Law and Deng, CornerNet, 2018.
    """
    if not 0 < min_overlap < 1:
        raise ValueError(
            "Expected min_overlap above 0 and below 1, received "
            f"{min_overlap!r}."
        )
    sizes = ops.cast(sizes, "float32")
    total, area = sizes[..., 0] + sizes[..., 1], sizes[..., 0] * sizes[..., 1]
    kept, lost = min_overlap, 1 - min_overlap

    def root(a, b, c):
        # As 2c / (b + root), which does not cancel.
        inner = ops.maximum(ops.square(b) - 4 * a * c, 0.0)
        return 2 * ops.abs(c) / ops.maximum(b + ops.sqrt(inner), _TINY)

    alike = root(1, total, area * lost / (1 + kept))
    inwards = root(4, 2 * total, area * lost)
    outwards = root(4 * kept, 2 * kept * total, -area * lost)
    return ops.minimum(ops.minimum(alike, inwards), outwards)


def draw_gaussians(centers, radii, channels, drawn, map_size, num_channels):
    """Peaks of 1 at the centres, which fall off as a Gaussian.

    Each ends at its radius, in a square, and has a standard deviation of a
    sixth of its diameter, `2 radius + 1`. Where several meet the highest
    counts. A Gaussian is a product of a row and a column, so that besides
    the result memory is needed for planes of 32 objects only. No gradient
    is of use.

    Args:
        centers: Tensor (B, N, 2), whole numbers x and y, in cells; may lie
            outside of the map.
        radii: Tensor (B, N), whole numbers of 0 or more, in cells.
        channels: Int tensor (B, N), the channel of each; one that is out of
            range leaves no trace.
        drawn: Bool tensor (B, N); others leave no trace.
        map_size: Height and width of the map: numbers or scalar tensors.
        num_channels: C.

    Returns:
        Tensor (B, h, w, C), float32, from 0 to 1, exactly 1 at centres.

    Example:

    >>> heat = draw_gaussians([[[1, 1]]], [[1]], [[0]], [[True]], (3, 3), 1)
    >>> [round(float(v), 3) for v in heat[0, 1, :, 0]]
    [0.135, 1.0, 0.135]
    """
    height, width = map_size
    centers = ops.cast(centers, "float32")
    radii = ops.cast(radii, "float32")
    channels = ops.cast(channels, "int32")
    is_channel = ops.logical_and(channels >= 0, channels < num_channels)
    drawn = ops.logical_and(drawn, is_channel)
    channels = ops.where(is_channel, channels, 0)
    columns = ops.where(
        ops.expand_dims(drawn, -1), _bell(centers[..., 0], radii, width), 0.0
    )
    rows = _bell(centers[..., 1], radii, height)
    batch = ops.shape(rows)[0]
    segments = ops.arange(batch, dtype="int32")[:, None] * num_channels
    segments = segments + channels
    shape = (batch * num_channels, height, width)

    def add(heat, rows, columns, segments):
        planes = rows[:, :, :, None] * columns[:, :, None, :]
        highest = ops.segment_max(
            ops.reshape(planes, (-1, height, width)),
            ops.reshape(segments, (-1,)),
            num_segments=batch * num_channels,
        )
        # A channel without objects holds the lowest number there is.
        return ops.reshape(ops.maximum(heat, highest), shape)

    heat = ops.zeros(shape, "float32")
    heat = _over_groups(add, heat, (rows, columns, segments))
    heat = ops.reshape(heat, (batch, num_channels, height, width))
    return ops.transpose(heat, (0, 2, 3, 1))


def local_maxima(heat, *, size=3):
    """Where a map is as high as all cells around.

    Args:
        heat: Tensor (B, h, w, C).
        size: Cells across the square that is compared, an odd number.

    Returns:
        Bool tensor (B, h, w, C). A plateau is a maximum in all its cells.

    Example:

    >>> heat = np.array([0.1, 0.9, 0.3, 0.2]).reshape(1, 1, 4, 1)
    >>> [bool(v) for v in local_maxima(heat)[0, 0, :, 0]]
    [False, True, False, False]
    """
    heat = ops.cast(heat, "float32")
    highest = ops.max_pool(heat, size, strides=1, padding="same")
    return heat >= highest


def top_peaks(heat, num_peaks, *, size=3):
    """The highest local maxima of heat maps, over all channels.

    Args:
        heat: Tensor (B, h, w, C) of probabilities.
        num_peaks: N; fewer are returned if there are not as many cells.
        size: As for `local_maxima`.

    Returns:
        `(scores, places, channels)`, each (B, N), by falling score; the last
        two int32. A place is `y * w + x`. Beyond the last maximum scores
        are 0.

    Example:

    >>> heat = np.array([0.1, 0.9, 0.3, 0.4]).reshape(1, 1, 4, 1)
    >>> scores, places, _ = top_peaks(heat, 2)
    >>> [int(p) for p in places[0]]
    [1, 3]
    """
    heat = ops.cast(heat, "float32")
    peaks = ops.where(local_maxima(heat, size=size), heat, 0.0)
    num_channels = heat.shape[-1]
    flat = ops.reshape(peaks, (ops.shape(heat)[0], -1, num_channels))
    if None not in heat.shape[1:3]:
        flat = ops.reshape(
            peaks, (-1, math.prod(heat.shape[1:3]), num_channels)
        )
    scores, places, channels = top_candidates(flat, num_peaks)
    return ops.maximum(scores, 0.0), places, channels


def inside_boxes(boxes, selected, cells):
    """Which cells have their centre in any of the selected boxes.

    Args:
        boxes: Tensor (B, M, 4), xyxy in pixels.
        selected: Bool tensor (B, M).
        cells: Tensor (..., h, w, 4): the box of each cell, in pixels; a grid.

    Returns:
        Bool tensor (B, h, w).

    Example:

    >>> cells = np.array([[[0, 0, 4, 4], [4, 0, 8, 4]]], "float32")
    >>> inside = inside_boxes([[[0, 0, 3, 3]]], [[True]], cells)
    >>> [bool(v) for v in inside[0, 0]]
    [True, False]
    """
    boxes = ops.cast(boxes, "float32")
    cells = ops.cast(cells, "float32")
    while len(cells.shape) > 3:
        cells = cells[0]
    x = (cells[0, :, 0] + cells[0, :, 2]) / 2
    y = (cells[:, 0, 1] + cells[:, 0, 3]) / 2

    def between(values, low, high):
        within = (values >= low[..., None]) & (values < high[..., None])
        return ops.cast(within & selected[..., None], "float32")

    selected = ops.convert_to_tensor(selected)
    columns = between(x, boxes[..., 0], boxes[..., 2])
    rows = between(y, boxes[..., 1], boxes[..., 3])
    return ops.einsum("bmh,bmw->bhw", rows, columns) > 0


def _over_groups(add, heat, fields):
    """Calls `heat = add(heat, *fields)` for each group of objects (B, N)."""
    count = fields[0].shape[1]
    if count is not None:
        for start in range(0, count, GROUP):
            group = slice(start, start + GROUP)
            heat = add(heat, *(field[:, group] for field in fields))
        return heat
    count = ops.shape(fields[0])[1]

    def step(index, heat):
        # XLA needs groups of one size: the last object may come again.
        group = index * GROUP + ops.arange(GROUP, dtype="int32")
        group = ops.minimum(group, count - 1)
        return add(heat, *(ops.take(f, group, axis=1) for f in fields))

    return ops.fori_loop(0, (count + GROUP - 1) // GROUP, step, heat)


def _bell(centers, radii, length):
    """The Gaussians of (B, N) along one axis, (B, N, length)."""
    places = ops.arange(length, dtype="float32")
    distance = ops.abs(places - centers[..., None])
    radii = radii[..., None]
    deviation = (2 * radii + 1) / 6
    values = ops.exp(-ops.square(distance / deviation) / 2)
    return ops.where(distance <= radii, values, 0.0)
