"""Key points as places in the map of a region, and back."""

from keras import ops

from mtvision.ops.boxes import box_area, finite_boxes
from mtvision.ops.detections import take_rows
from mtvision.ops.exporting import argmax, map_rows
from mtvision.ops.interpolation import cubic
from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_rank


def keypoint_targets(keypoints, regions, matches, size):
    """In which cell of its map each region has the key points of its object.

    Args:
        keypoints: Tensor (B, M, K, 3): x and y in pixels, and visibility,
            above 0 where the point is labelled.
        regions: Tensor (B, R, 4), xyxy in pixels.
        matches: Int tensor (B, R): the row of the object, from 0; negative
            for none.
        size: S, cells along each side of the map.

    Returns:
        `(places, valid)`, both (B, R, K): `places`, int32, number y * S + x
        of the cell, 0 where not valid; `valid`, bool: the point is labelled
        and lies in the region, its right and lower edge included.

    Raises:
        ValueError: If shapes are wrong, or `size` is no positive number.

    Example:

    >>> points = np.array([[[[3.0, 1.0, 2.0], [9.0, 1.0, 2.0]]]])
    >>> region = np.array([[[0.0, 0.0, 4.0, 4.0]]])
    >>> places, valid = keypoint_targets(points, region, np.array([[0]]), 56)
    >>> divmod(int(places[0, 0, 0]), 56), [bool(x) for x in valid[0, 0]]
    ((14, 42), [True, False])

    Reference:
        He et al., Mask R-CNN, 2017. Equal to torchvision's
        `keypoints_to_heatmap`.
    """
    require_count(size, 1, "size")
    keypoints = ops.cast(keypoints, "float32")
    require_rank(keypoints.shape, 4, "keypoints (B, M, K, 3)")
    regions = ops.stop_gradient(finite_boxes(regions))
    require_rank(regions.shape, 3, "regions (B, R, 4)")
    number = keypoints.shape[2]
    matches = ops.cast(matches, "int32")
    table = ops.reshape(keypoints, (-1, ops.shape(keypoints)[1], number * 3))
    points = take_rows(table, ops.maximum(matches, 0))
    points = ops.reshape(points, (*ops.shape(points)[:2], number, 3))
    # False for NaN.
    known = ops.all(ops.abs(points) < 1e9, axis=-1)
    known = ops.logical_and(known, points[..., 2] > 0)
    points = ops.where(known[..., None], points, 0.0)
    counts = ops.logical_and(matches >= 0, box_area(regions) > 0)
    low, high = (x[..., None, :] for x in (regions[..., :2], regions[..., 2:]))
    position = points[..., :2]
    cells = (position - low) * (size / ops.maximum(high - low, 1e-6))
    cells = ops.where(position == high, size - 1.0, ops.floor(cells))
    inside = ops.logical_and(cells >= 0, cells < size)
    valid = ops.logical_and(ops.all(inside, axis=-1), known)
    valid = ops.logical_and(valid, counts[..., None])
    cells = ops.cast(ops.where(valid[..., None], cells, 0.0), "int32")
    return cells[..., 1] * size + cells[..., 0], valid


def keypoints_of_maps(maps, regions, *, max_side=256):
    """The key points at the peaks of maps of regions.

    A map is resized to the pixels of its region, by cubic interpolation,
    where the highest pixel is taken. No gradient flows.

    Args:
        maps: Tensor (B, R, S, S, K), logits.
        regions: Tensor (B, R, 4), xyxy in pixels.
        max_side: The most pixels along a side that a map is resized to; key
            points of a larger region are found in steps of more than a
            pixel. Time and memory grow with its square.

    Returns:
        `(keypoints, scores)`: (B, R, K, 3), x and y in pixels and 1, and
        (B, R, K), the logit at the peak; both float32, zeros for a region
        without area. A side of less than a pixel counts as one.

    Raises:
        ValueError: If shapes are wrong, or `max_side` no positive number.

    Example:

    >>> maps = np.zeros((1, 1, 4, 4, 1))
    >>> maps[0, 0, 1, 2] = 8.0
    >>> region = np.array([[[10.0, 10.0, 18.0, 18.0]]])
    >>> points, scores = keypoints_of_maps(maps, region)
    >>> [float(x) for x in points[0, 0, 0]]
    [14.5, 12.5, 1.0]

    Reference:
        He et al., Mask R-CNN, 2017. Equal to torchvision's
        `heatmaps_to_keypoints` for regions of at most `max_side` pixels.
    """
    require_count(max_side, 1, "max_side")
    maps = ops.stop_gradient(ops.cast(maps, "float32"))
    require_rank(maps.shape, 5, "maps (B, R, S, S, K)")
    regions = ops.stop_gradient(finite_boxes(regions))
    require_rank(regions.shape, 3, "regions (B, R, 4)")
    sides = ops.maximum(regions[..., 2:] - regions[..., :2], 1.0)
    pixels = ops.minimum(ops.ceil(sides), float(max_side))
    # One region of each image at a time: a resized map is large.
    by_region = [ops.swapaxes(x, 0, 1) for x in (maps, pixels)]
    peaks = map_rows(lambda one: _peaks(*one, max_side), tuple(by_region))
    x, y, scores = (ops.swapaxes(peaks[..., i], 0, 1) for i in range(3))
    step = (sides / pixels)[..., None, :]
    cells = ops.stack([x, y], axis=-1)
    points = (cells + 0.5) * step + regions[..., None, :2]
    points = ops.concatenate([points, ops.ones_like(points[..., :1])], -1)
    is_real = (box_area(regions) > 0)[..., None]
    points = ops.where(is_real[..., None], points, 0.0)
    return points, ops.where(is_real, scores, 0.0)


def _peaks(maps, pixels, max_side):
    """Highest pixels of resized maps: x, y and value, (B, K, 3).

    Args:
        maps: Tensor (B, S, S, K).
        pixels: Tensor (B, 2), width and height to resize to.
        max_side: L, the largest of them.
    """
    columns, rows = (
        _cubic_weights(pixels[:, axis], maps.shape[2 - axis], max_side)
        for axis in (0, 1)
    )
    resized = ops.einsum("bis,bstk->bkit", rows, maps)
    resized = ops.einsum("bjt,bkit->bkij", columns, resized)
    place = ops.arange(max_side, dtype="float32")
    inside = ops.logical_and(
        place[:, None] < pixels[:, 1][:, None, None],
        place < pixels[:, 0][:, None, None],
    )
    resized = ops.where(inside[:, None], resized, float("-inf"))
    flat = ops.reshape(resized, (-1, maps.shape[-1], max_side * max_side))
    best = argmax(flat)
    place = [best % max_side, best // max_side]
    place = [ops.cast(x, "float32") for x in place]
    return ops.stack([*place, ops.max(flat, axis=-1)], axis=-1)


def _cubic_weights(new, old, length):
    """Matrices (B, L, S) that resize axes of `old` pixels to `new` ones.

    As `ops.interpolation.interpolation_matrix`, with lengths that differ
    from sample to sample; rows from `new` on are of no use.
    """
    new = ops.cast(new, "int32")[:, None]
    position = (2 * ops.arange(length, dtype="int32") + 1) * old - new
    whole = position // (2 * new)
    rest = ops.cast(position - whole * 2 * new, "float32")
    rest = rest / ops.cast(2 * new, "float32")
    taps = ops.arange(-1, 3, dtype="int32")
    weights = cubic(ops.cast(taps, "float32") - rest[..., None], -0.75)
    # The pixel at the border stands for those beyond.
    taps = ops.clip(whole[..., None] + taps, 0, old - 1)
    is_tap = taps[..., None] == ops.arange(old, dtype="int32")
    return ops.sum(ops.where(is_tap, weights[..., None], 0.0), axis=-2)
