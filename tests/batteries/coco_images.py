"""The images of COCO's reference numbers, in the conventions of mtvision."""

import json
from pathlib import Path

import numpy as np

VECTORS = Path(__file__).parents[1] / "vectors"
CLASSES = {1: 0, 3: 1, 7: 2}
SIZE = (240, 320)


def expected():
    """What pycocotools gave."""
    return np.load(VECTORS / "coco.npz")


def truth():
    """Truth of eight images, one of them empty; masks as run lengths."""
    return [
        {
            **_common(rows),
            "crowd": [row["iscrowd"] for row in rows],
            "area": [row["area"] for row in rows],
            "masks": [_run_lengths(row["segmentation"]) for row in rows],
        }
        for rows in _images("truth")
    ]


def detections(kind):
    """Detections of `boxes`, `masks` or `keypoints`."""
    result = []
    for rows in _images(kind):
        found = _common(rows)
        found["scores"] = [row["score"] for row in rows]
        found["masks"] = [row.get("segmentation") for row in rows]
        needed = ("classes", "scores", kind)
        result.append({field: found[field] for field in needed})
    return result


def _images(name):
    data = json.loads((VECTORS / "coco.json").read_text())
    rows = data[name]["annotations"] if name == "truth" else data[name]
    return [
        [row for row in rows if row["image_id"] == image["id"]]
        for image in data["truth"]["images"]
    ]


def _common(rows):
    boxes = [row.get("bbox", [0, 0, 0, 0]) for row in rows]
    boxes = np.reshape(np.array(boxes, "float64"), (-1, 4))
    boxes[:, 2:] += boxes[:, :2]
    points = [row.get("keypoints", [0] * 51) for row in rows]
    return {
        "boxes": boxes,
        "classes": [CLASSES[row["category_id"]] for row in rows],
        "keypoints": np.reshape(np.array(points, "float64"), (-1, 17, 3)),
    }


def _run_lengths(segmentation):
    from pycocotools import mask

    if isinstance(segmentation, list):
        return mask.merge(mask.frPyObjects(segmentation, *SIZE))
    return segmentation
