"""What is known of the regions of a data set, to fit linear models to."""

import collections

import numpy as np

from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.arrays import as_array
from mtvision.ops.box_deltas import encode_boxes
from mtvision.ops.boxes import box_area, box_iou, finite_boxes
from mtvision.ops.truth_objects import labelled_objects, read_objects

# Of the paper: up to this IoU with a class, a region is none of it; from that
# one on it is near enough to an object to be moved onto it.
NEGATIVE, NEAR = 0.3, 0.6

# Of N regions: `features` (N, D); `classes` (N,) of those that are objects of
# the truth, -1 else; `negative` (N, C), whether a region is no object of a
# class. Of the K that are near an object: `pooled` (K, E), `deltas` (K, 4)
# that lead to it, and its class, `near` (K,).
RegionSamples = collections.namedtuple(
    "RegionSamples", "features classes negative pooled deltas near"
)


def gather_regions(extract, batches, num_classes):
    """Runs a model over all regions of a data set.

    The objects of the truth are regions too: they stand before the
    proposals. Where they all are more than P, the model runs again.

    Args:
        extract: `keras.Model` from the dict of `"image"` and `"proposals"`
            (B, P, 4) to a list of features (B, P, D), pooled features
            (B, P, E) and regions (B, P, 4).
        batches: Pairs `(inputs, objects)` of `labelled_batches`.
        num_classes: C.

    Returns:
        `RegionSamples` of numpy arrays.

    Raises:
        ValueError: If no batch has a label.
    """
    parts = []
    for inputs, truth in batches:
        objects = read_objects(truth, num_classes)
        objects = objects._replace(labelled=labelled_objects(truth))
        proposals = as_array(finite_boxes(inputs["proposals"]))
        size = max(proposals.shape[1], 1)
        boxes, own = _join(objects, proposals, size)
        found = _run(extract, inputs, boxes, size)
        parts.append(_sample(objects, num_classes, own, *found))
    if not any(len(part.features) for part in parts):
        raise ValueError(
            "Expected data with labelled images that have regions, but found "
            f"none in {len(parts)} batches."
        )
    return RegionSamples(*(np.concatenate(column) for column in zip(*parts)))


def _join(objects, proposals, size):
    """Objects, then proposals, then padding up to a multiple of `size`.

    Returns:
        `(boxes, classes)`: arrays (B, N, 4) and (B, N), the classes of
        objects and -1 for all else.
    """
    present = as_array(objects.present)
    own = np.where(present[..., None], as_array(objects.boxes), 0)
    more = ((0, 0), (0, size))
    boxes = np.pad(np.concatenate([own, proposals], axis=1), (*more, (0, 0)))
    classes = np.full(boxes.shape[:2], -1)
    classes[:, : own.shape[1]] = np.where(
        present, as_array(objects.classes), -1
    )
    empty = ~boxes.any(axis=-1)
    order = np.argsort(empty, axis=1, kind="stable")
    # At least one row, and none that is padding in all images.
    length = -(-max((~empty).sum(axis=1).max(), 1) // size) * size
    order = order[:, :length]
    boxes = np.take_along_axis(boxes, order[..., None], axis=1)
    return boxes.astype("float32"), np.take_along_axis(classes, order, axis=1)


def _run(extract, inputs, boxes, size):
    """What a model gives for all boxes, of which it takes `size` at once."""
    found = [
        extract.predict_on_batch({**inputs, "proposals": some})
        for some in np.split(boxes, boxes.shape[1] // size, axis=1)
    ]
    return [np.concatenate(each, axis=1) for each in zip(*found)]


def _sample(objects, num_classes, own, features, pooled, regions):
    """`RegionSamples` of the regions of one batch, `own` their classes."""
    iou = as_array(box_iou(regions, objects.boxes))
    present = as_array(objects.present)[:, None]
    iou = np.where(present, iou, 0)
    of_class = as_array(objects.classes)[:, None] == _numbers(num_classes)
    overlaps = (iou[..., None, :] * of_class[:, None]).max(axis=-1)
    negative = _may_be_negative(objects, regions)[..., None]
    if objects.annotated is not None:
        negative = negative & as_array(objects.annotated)[:, None]
    best, nearest = iou.max(axis=-1), iou.argmax(axis=-1)
    boxes = np.take_along_axis(
        as_array(objects.boxes), nearest[..., None], axis=1
    )
    classes = np.take_along_axis(as_array(objects.classes), nearest, axis=1)
    real = as_array(objects.labelled)[:, None] & (
        as_array(box_area(regions)) > 0
    )
    near = real & (own < 0) & (best > NEAR)
    return RegionSamples(
        features=np.asarray(features[real], "float32"),
        classes=own[real],
        negative=(negative & (overlaps < NEGATIVE))[real],
        pooled=np.asarray(pooled[near], "float32"),
        deltas=as_array(encode_boxes(boxes[near], regions[near])),
        near=classes[near],
    )


def _may_be_negative(objects, regions):
    """Bool (B, R): false for what lies in a crowd or a difficult object."""
    assign = AnchorAssigner(
        high=NEGATIVE, low=NEGATIVE, allow_low_quality=False
    )
    return as_array(assign(objects, regions)) != -2


def _numbers(count):
    return np.arange(count)[:, None]
