"""Boxes after a move: what of them is left, and which objects are gone."""

import numpy as np

from mtvision.data import fields
from mtvision.data.augmentation import matrices

# Share of an area that is more than rounding.
TINY = 1e-9


def move_box(sample, name, matrix, size, min_visible):
    """Moves the only object, or the K objects of fixed places.

    Args:
        sample: Dict of arrays.
        name: Name of the field of boxes (4,) or (K, 4).
        matrix: (3, 3), from old to new pixel coordinates.
        size: (height, width) of the new image.
        min_visible: Share of the moved box that must lie inside.

    Returns:
        Dict of the new boxes, NaN for objects that are gone, and of `present`
        of the same prefix, 0 for them, if the sample has it.

    Example:

    >>> sample = {"box": np.array([0.0, 0, 2, 2]), "present": np.array(1)}
    >>> away = matrices.translate(9, 0)
    >>> move_box(sample, "box", away, (4, 4), 0.1)["present"].item()
    0
    """
    boxes = sample[name].reshape(-1, 4)
    whole = matrices.move_boxes(boxes, matrix)
    gone = visible_share(whole, size) < max(min_visible, TINY)
    moved = clip_boxes(whole, size).astype("float32")
    moved[gone] = np.nan
    result = {name: moved.reshape(sample[name].shape)}
    present = fields.sibling(name, "present")
    if sample.get(present) is not None:
        value = sample[present].reshape(-1).copy()
        # What is not known stays so.
        value[gone & (value > 0)] = 0
        result[present] = value.reshape(sample[present].shape)
    return result


def visible_share(boxes, size):
    """The share of each box that lies within an image.

    Args:
        boxes: (M, 4) xyxy, pixels.
        size: (height, width) of the image.

    Returns:
        Float array (M,); 0 for boxes without area, NaN for NaN.

    Example:

    >>> visible_share(np.array([[-1.0, 0, 3, 2]]), (4, 4)).tolist()
    [0.75]
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    clipped = clip_boxes(boxes, size)
    left = clipped[:, 2:] - clipped[:, :2]
    area = sides.prod(axis=-1)
    return np.where(area == 0, 0.0, left.prod(axis=-1)) / np.where(
        area == 0, 1.0, area
    )


def clip_boxes(boxes, size):
    """Boxes (M, 4) cut at the edges of an image (height, width)."""
    return np.clip(boxes, 0, [size[1], size[0]] * 2)
