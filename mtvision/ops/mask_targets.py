"""Masks of objects as the regions that are to find them see them."""

from keras import ops

from mtvision.ops import regions as region_ops
from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_rank

# Regions whose masks are held at full size at once, so that memory does not
# grow with R.
GROUP = 16


def mask_targets(masks, regions, matches, size, *, aligned=False):
    """Cuts the mask of its object out for each region, at a fixed size.

    A region is pooled by RoIAlign with as many samples as it has pixels, so
    that each value is about the share of a bin which the object covers.
    Memory is needed for a few masks of full size at once. No gradient flows.

    Args:
        masks: Tensor (B, M, H, W) of any number dtype, 1 inside the object.
            Negative numbers and NaN count as 0, those above 1 as 1.
        regions: Tensor (B, R, 4), xyxy in pixels.
        matches: Int tensor (B, R): the row of the object, from 0; negative
            for none.
        size: S.
        aligned: Whether pixel centres are at half-integers. If not, what is
            cut out lies half a pixel to the right and below, as in the first
            implementations.

    Returns:
        Tensor (B, R, S, S), float32, from 0 to 1; zeros where there is no
        object, or the region has a coordinate that is NaN or infinite.

    Raises:
        ValueError: If ranks are wrong, or `size` is no positive number.

    Example:

    >>> mask = np.array([[[[1, 1, 0, 0]] * 4]])
    >>> region = np.array([[[0.0, 0.0, 4.0, 4.0]]])
    >>> match = np.array([[0]])
    >>> targets = mask_targets(mask, region, match, 2, aligned=True)
    >>> [[float(v) for v in row] for row in targets[0, 0]]
    [[1.0, 0.0], [1.0, 0.0]]

    Reference:
        He et al., Mask R-CNN, 2017. Not aligned, equal to torchvision's
        `project_masks_on_boxes`.
    """
    require_count(size, 1, "size")
    masks = ops.stop_gradient(ops.convert_to_tensor(masks))
    regions = ops.convert_to_tensor(regions)
    matches = ops.cast(matches, "int32")
    require_rank(masks.shape, 4, "masks (B, M, H, W)")
    require_rank(regions.shape, 3, "regions (B, R, 4)")
    require_rank(matches.shape, 2, "matches (B, R)")
    regions, finite = region_ops.finite_boxes(regions)
    counts = ops.logical_and(finite, matches >= 0)
    rows = ops.minimum(ops.maximum(matches, 0), ops.shape(masks)[1] - 1)
    number = regions.shape[1]
    options = {"size": size, "aligned": aligned}
    if number is None or number <= GROUP:
        return _cut(masks, regions, rows, counts, **options)
    return _cut_in_groups(masks, regions, rows, counts, **options)


def _cut_in_groups(masks, regions, rows, counts, *, size, aligned):
    number = regions.shape[1]
    fill = -number % GROUP

    def grouped(x):
        axes = [(0, 0), (0, fill)] + [(0, 0)] * (len(x.shape) - 2)
        x = ops.pad(ops.cast(x, "float32"), axes)
        groups = (number + fill) // GROUP
        x = ops.reshape(x, (-1, groups, GROUP, *x.shape[2:]))
        return ops.swapaxes(x, 0, 1)

    def cut(group):
        regions, rows, counts = group
        rows, counts = ops.cast(rows, "int32"), counts > 0
        return _cut(masks, regions, rows, counts, size=size, aligned=aligned)

    targets = ops.map(cut, tuple(map(grouped, (regions, rows, counts))))
    targets = ops.swapaxes(targets, 0, 1)
    targets = ops.reshape(targets, (-1, number + fill, size, size))
    return targets[:, :number]


def _cut(masks, regions, rows, counts, *, size, aligned):
    """Targets of regions (B, R, 4), by a product along each axis."""
    batch, number, height, width = ops.shape(masks)
    images = ops.arange(batch, dtype="int32")[:, None]
    masks = ops.reshape(masks, (-1, height, width))
    masks = ops.cast(ops.take(masks, images * number + rows, axis=0), "float32")
    # False for NaN.
    masks = ops.where(masks > 0, ops.minimum(masks, 1.0), 0.0)
    x1, y1, x2, y2 = (regions[..., i] for i in range(4))
    weights = []
    for start, end, length in ((y1, y2, height), (x1, x2, width)):
        side = end - start
        if aligned:
            start = start - 0.5
        else:
            side = ops.maximum(side, 1.0)
        weights.append(region_ops.axis_weights(start, side, size, length, 0))
    targets = ops.einsum("brph,brhw->brpw", weights[0], masks)
    targets = ops.einsum("brqw,brpw->brpq", weights[1], targets)
    return ops.where(counts[..., None, None], targets, 0.0)
