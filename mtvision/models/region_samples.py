"""What is known of the regions of a data set, to fit linear models to."""

import collections

import keras
import numpy as np

from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.arrays import as_array
from mtvision.ops.box_deltas import encode_boxes
from mtvision.ops.boxes import box_area, box_iou
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


def gather_regions(extract, data, num_classes, task):
    """Runs a model over all regions of a data set.

    The objects of the truth are regions too: they stand before the
    proposals, the last of which they displace where there is no room.

    Args:
        extract: `keras.Model` from the dict of `"image"` and `"proposals"`
            (B, P, 4) to a list of features (B, P, D), pooled features
            (B, P, E) and regions (B, P, 4).
        data: Batches of `(inputs, truth, sample_weights)`.
        num_classes: C.
        task: Name of the task whose truth is a dict of objects.

    Returns:
        `RegionSamples` of numpy arrays.

    Raises:
        ValueError: If the data has no batch with a label of the task.
    """
    parts = []
    for inputs, truth, weights in _batches(data):
        truth = _labelled(truth, weights, task)
        objects = read_objects(truth, num_classes)
        objects = objects._replace(labelled=labelled_objects(truth))
        proposals = _join(objects, inputs["proposals"])
        found = extract.predict_on_batch({**inputs, "proposals": proposals})
        parts.append(_sample(objects, num_classes, *found))
    if not any(len(part.features) for part in parts):
        raise ValueError(
            "Expected data with labelled images that have regions, but found "
            f"none of task {task!r} in {len(parts)} batches."
        )
    return RegionSamples(*(np.concatenate(column) for column in zip(*parts)))


def _batches(data):
    """Inputs, truth and weights, whatever gives them."""
    batches = data
    if isinstance(data, keras.utils.PyDataset):
        batches = (data[index] for index in range(len(data)))
    for inputs, truth, *rest in batches:
        yield inputs, truth, rest[0] if rest else None


def _labelled(truth, weights, task):
    """The truth of a task; what carries no label is told by NaN."""
    if not isinstance(truth, dict) or not isinstance(truth.get(task), dict):
        known = sorted(truth) if isinstance(truth, dict) else "no dict"
        raise ValueError(
            f"Expected a truth that holds a dict of objects for the task "
            f"{task!r}, received {known}."
        )
    truth = {field: as_array(value) for field, value in truth[task].items()}
    weights = weights.get(task) if isinstance(weights, dict) else weights
    if weights is not None:
        boxes = np.array(truth["boxes"], "float32")
        boxes[as_array(weights).reshape(len(boxes), -1).max(axis=1) <= 0] = (
            np.nan
        )
        truth["boxes"] = boxes
    return truth


def _join(objects, proposals):
    """Objects, then proposals, then padding: as many rows as proposals."""
    proposals = as_array(proposals)
    present = as_array(objects.present)[..., None]
    boxes = np.where(present, as_array(objects.boxes), 0)
    joined = np.concatenate([boxes, np.nan_to_num(proposals)], axis=1)
    empty = ~joined.any(axis=-1)
    order = np.argsort(empty, axis=1, kind="stable")
    joined = np.take_along_axis(joined, order[..., None], axis=1)
    return joined[:, : proposals.shape[1]].astype("float32")


def _sample(objects, num_classes, features, pooled, regions):
    """`RegionSamples` of the regions of one batch."""
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
    # The objects themselves come first.
    count = as_array(objects.present).sum(axis=1, keepdims=True)
    is_object = np.arange(regions.shape[1]) < count
    real = as_array(objects.labelled)[:, None] & (
        as_array(box_area(regions)) > 0
    )
    near = real & ~is_object & (best > NEAR)
    return RegionSamples(
        features=np.asarray(features[real], "float32"),
        classes=np.where(is_object, classes, -1)[real],
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
