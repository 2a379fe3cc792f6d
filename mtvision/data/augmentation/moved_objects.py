"""Moving the objects of a sample, and leaving out those that are gone."""

import numpy as np

from mtvision.data import fields
from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.moved_boxes import (
    TINY,
    clip_boxes,
    visible_share,
)
from mtvision.data.augmentation.moved_masks import move_mask

# Why an object leaves that is not outside of the image.
NO_PIXEL = "without a pixel of their mask left"
TOO_SMALL = "smaller than min_side"


def move_objects(
    sample,
    prefix,
    matrix,
    size,
    pixels,
    min_visible,
    *,
    min_side=0,
    lost=None,
):
    """Moves the boxes and masks of objects, and drops the rows of lost ones.

    An area grows as the plane does, by the determinant of the matrix, and is
    cut to the share of the object that is in the new image: of its mask, or
    without one of its box.

    Args:
        sample: Dict of arrays; key points were moved before.
        prefix: What comes before the last word of the names of their fields.
        matrix: (3, 3), from old to new pixel coordinates.
        size: (height, width) of the new image.
        pixels: What `source_pixels` returns; unused without masks.
        min_visible: Share of an object that must lie inside.
        min_side: Pixels that the shorter side of its new box must have.
        lost: `collections.Counter` of the objects that are too small, to be
            added to, or None.

    Returns:
        Dict of the new arrays.

    Raises:
        ValueError: If the fields differ in their numbers of rows.

    Example:

    >>> sample = {"boxes": np.eye(4)[2:], "classes": np.array([3, 4])}
    >>> sample["boxes"] = np.array([[0.0, 0, 2, 2], [6, 6, 8, 8]])
    >>> left = matrices.translate(-5, 0)
    >>> move_objects(sample, "", left, (9, 9), None, 0.1)["classes"]
    array([4])
    """
    result = {name: sample[name] for name in object_fields(sample)[prefix]}
    boxes, masks = (result.get(prefix + word) for word in ("boxes", "masks"))
    lengths = {name: len(value) for name, value in result.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "expected one row for each object in every field, received "
            f"{lengths}."
        )
    share = np.ones(min(lengths.values()))
    small = np.zeros(len(share), "bool")
    if boxes is not None:
        moved = matrices.move_boxes(boxes, matrix)
        share = visible_share(moved, size)
        boxes = clip_boxes(moved, size)
    if masks is not None:
        visible = np.array(share)
        result[prefix + "masks"] = _move_masks(
            masks, boxes, matrix, pixels, visible
        )
        shown = result[prefix + "masks"].any(axis=(1, 2))
        empty = ~masks.any(axis=(1, 2))
        # Without a mask of its own, an object is judged by its box. A pixel
        # may show although its centre lies outside.
        small = ~empty & ~shown & (visible >= max(min_visible, TINY))
        visible = np.where(shown, np.maximum(visible, TINY), 0)
        share = np.where(empty, share, visible)
    if boxes is not None:
        result[prefix + "boxes"] = boxes.astype("float32")
    if prefix + "area" in result:
        result[prefix + "area"] = _move_areas(
            result[prefix + "area"], matrix, share
        )
    gone = share < max(min_visible, TINY)
    reasons = {NO_PIXEL: small}
    if boxes is not None and min_side:
        sides = (boxes[:, 2:] - boxes[:, :2]).min(axis=-1)
        reasons[TOO_SMALL] = ~gone & (sides < min_side)
        gone = gone | reasons[TOO_SMALL]
    if gone.any():
        result = {name: value[~gone] for name, value in result.items()}
        if lost is not None:
            lost.update(
                {k: int(v.sum()) for k, v in reasons.items() if v.any()}
            )
    return result


def _move_areas(areas, matrix, share):
    growth = abs(np.linalg.det(matrix[:2, :2]))
    return (areas * growth * share).astype("float32")


def _move_masks(masks, boxes, matrix, pixels, visible):
    """The new masks; writes the boxes and visible shares of those that show."""
    moved = np.zeros((len(masks), *pixels.shape), masks.dtype)
    for row, mask in enumerate(masks):
        moved[row], box, share = move_mask(mask, matrix, pixels)
        if not np.isnan(share):
            visible[row] = share
        if boxes is not None and box is not None:
            boxes[row] = box
    return moved


def object_fields(sample):
    """The objects of a sample: dict from prefix to the names of their fields.

    Example:

    >>> object_fields({"cat_boxes": np.zeros((2, 4)), "label": 1})
    {'cat_': ['cat_boxes']}
    """
    found = {}
    for name, value in sample.items():
        if value is None or not fields.is_object_field(name, np.ndim(value)):
            continue
        prefix = fields.sibling(name, "")
        found.setdefault(prefix, []).append(name)
    return found
