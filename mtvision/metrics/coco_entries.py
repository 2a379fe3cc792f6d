"""Checked images as the objects that pycocotools compares."""

import numpy as np

from mtvision.metrics.coco_tools import coco_tools, encode_masks, quietly

# Beyond the largest area that COCO evaluates, 1e5 ** 2: such objects are
# ignored, but matched by the ordinary IoU and once only, unlike crowds.
BEYOND_AREA = 1e11


def coco_pair(images, num_classes, kind):
    """The truth and the detections as pycocotools' data sets.

    Args:
        images: What `read_images` gives.
        num_classes: C.
        kind: `"boxes"`, `"masks"` or `"keypoints"`.

    Returns:
        Two `pycocotools.coco.COCO`. Image and category ids count from 0,
        those of annotations from 1 (pycocotools takes 0 for "no match").

    Raises:
        ValueError: If masks of an image differ in size.

    Example:

    >>> from mtvision.metrics.object_lists import read_images
    >>> truth = [{"boxes": [[0, 0, 4, 4]], "classes": [0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3]], "classes": [0], "scores": [1]}]
    >>> pair = coco_pair(*read_images(truth, found), "boxes")
    >>> [each.anns[1]["area"] for each in pair]
    [16.0, 12.0]
    """
    truth, found = [], []
    for number, image in enumerate(images):
        columns = _truth_columns(image.truth, kind)
        others = _found_columns(image.found, kind)
        if kind == "masks":
            _require_one_size(number, columns, others)
        truth += _entries(number, columns)
        found += _entries(number, others)
    return tuple(
        _data_set(entries, len(images), num_classes)
        for entries in (truth, found)
    )


def _data_set(entries, num_images, num_classes):
    data = coco_tools()[0].COCO()
    data.dataset = {
        # The size is read only where masks are polygons.
        "images": [
            {"id": number, "height": 0, "width": 0}
            for number in range(num_images)
        ],
        "annotations": [
            {"id": number + 1, **entry} for number, entry in enumerate(entries)
        ],
        "categories": [{"id": number} for number in range(num_classes)],
    }
    with quietly():
        data.createIndex()
    return data


def _columns(objects, kind):
    """What pycocotools reads of truth and detections alike."""
    columns = {"category_id": objects["classes"]}
    if kind == "masks":
        masks = encode_masks(objects["masks"])
        area = coco_tools()[2].area(masks) if masks else np.zeros(0)
        return columns | {"segmentation": masks, "area": area}
    if kind == "keypoints":
        points = objects["keypoints"]
        columns["keypoints"] = points.reshape(len(points), 3 * points.shape[1])
    # The size of a detection by key points is that of their hull.
    by_points = kind == "keypoints" and "scores" in objects
    boxes = _hull(points) if by_points else objects["boxes"]
    sizes = boxes[:, 2:] - boxes[:, :2]
    columns["bbox"] = np.concatenate([boxes[:, :2], sizes], axis=1)
    return columns | {"area": sizes.prod(axis=1)}


def _hull(points):
    if not points.size:
        return np.zeros((len(points), 4))
    corners = points[..., :2].min(axis=1), points[..., :2].max(axis=1)
    return np.concatenate(corners, axis=1)


def _truth_columns(truth, kind):
    columns = _columns(truth, kind)
    area = np.array(columns["area"], "float64")
    if "area" in truth:
        area = np.where(np.isnan(truth["area"]), area, truth["area"])
    ignored = truth["difficult"] & ~truth["crowd"]
    if kind == "keypoints":
        # No key point: ignored. The area is part of the similarity here.
        visible = (truth["keypoints"][..., 2] > 0).sum(axis=-1)
        columns["num_keypoints"] = np.where(ignored, 0, visible)
    else:
        area[ignored] = BEYOND_AREA
    crowd = truth["crowd"].astype("int64")
    return columns | {"area": area, "iscrowd": crowd}


def _found_columns(found, kind):
    return _columns(found, kind) | {"score": found["scores"]}


def _entries(number, columns):
    """A dict for each object of an image."""
    columns = {
        name: column.tolist() if isinstance(column, np.ndarray) else column
        for name, column in columns.items()
    }
    return [
        {"image_id": number, **dict(zip(columns, row))}
        for row in zip(*columns.values())
    ]


def _require_one_size(number, truth, found):
    masks = truth["segmentation"] + found["segmentation"]
    sizes = {tuple(mask["size"]) for mask in masks}
    if len(sizes) > 1:
        raise ValueError(
            f"Image {number}: the masks have the sizes {sorted(sizes)}. "
            "Expected those of the truth and of the detections to be equal."
        )
