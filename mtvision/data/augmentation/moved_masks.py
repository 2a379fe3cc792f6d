"""Masks of objects after a move."""

import numpy as np

from mtvision.data.augmentation import matrices


def extent(mask):
    """The bounding box of the pixels of a mask (H, W): xyxy, or None.

    Example:

    >>> extent(np.array([[0, 0, 0], [0, 1, 1]]))
    [1, 1, 3, 2]
    """
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return [
        int(edge)
        for edge in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    ]


def move_mask(mask, matrix, pixels):
    """Moves the mask of one object.

    Args:
        mask: (H, W), 0 or 1.
        matrix: (3, 3), from old to new pixel coordinates.
        pixels: What `source_pixels` returns for them.

    Returns:
        The new mask, of the same type; its bounding box or None; the share of
        the old pixels that lie inside of the new image.
    """
    moved = np.zeros(pixels.shape, mask.dtype)
    old = extent(mask)
    if old is None:
        return moved, None, np.nan
    size = pixels.shape
    near = matrices.move_boxes(old, matrix)
    left, top = np.floor(np.clip(near[:2], 0, size[::-1])).astype(int)
    right, bottom = np.ceil(np.clip(near[2:], 0, size[::-1])).astype(int)
    region = (slice(top, bottom), slice(left, right))
    moved[region] = mask.reshape(-1)[pixels[region]] * (pixels[region] >= 0)
    new = extent(moved[region])
    if new is not None:
        new = np.add(new, [left, top, left, top])
    return moved, new, _share_inside(mask, old, near, matrix, size)


def _share_inside(mask, old, near, matrix, size):
    if min(near[:2]) >= 0 and near[2] <= size[1] and near[3] <= size[0]:
        return 1.0
    left, top, right, bottom = old
    part = mask[top:bottom, left:right] != 0
    x = np.arange(left, right) + 0.5
    y = np.arange(top, bottom)[:, None] + 0.5
    inside = True
    for (across, down, shift), limit in zip(matrix, size[::-1]):
        moved = across * x + (down * y + shift)
        inside = inside & (moved >= 0) & (moved < limit)
    return np.count_nonzero(part & inside) / np.count_nonzero(part)
