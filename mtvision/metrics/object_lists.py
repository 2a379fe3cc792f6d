"""Truth and detections of images, as checked arrays without padding.

Both are lists with a dict of arrays for each image. Truth: `"boxes"` (M, 4),
xyxy in pixels, and `"classes"` (M,); detections: `"boxes"` (D, 4),
`"classes"` (D,) and `"scores"` (D,). Rows of class -1 are padding.
"""

import collections

import numpy as np

from mtvision.metrics.object_checks import (
    require_annotated,
    require_boxes,
    require_classes,
    require_fields,
    require_keypoints,
    require_masks,
    require_no_slip,
    require_rows,
    require_scores,
    with_rank,
)
from mtvision.ops.option_checks import require_count

# The fields that each kind of evaluation cannot do without.
NEEDED = {
    "boxes": (("boxes", "classes"), ("boxes", "classes", "scores")),
    "masks": (("masks", "classes"), ("masks", "classes", "scores")),
    "keypoints": (
        ("boxes", "keypoints", "classes"),
        ("keypoints", "classes", "scores"),
    ),
}
OF_TRUTH = ("boxes", "classes", "crowd", "difficult", "area")
OF_DETECTIONS = ("boxes", "classes", "scores")

# Metrics hold a table of classes by classes; a number beyond is an id.
MOST_CLASSES = 10_000

Image = collections.namedtuple("Image", "truth found")


def read_images(truth, detections, *, kind="boxes", num_classes=None):
    """Checks truth and detections, and drops what does not count.

    Args:
        truth: List of dicts, as above. Optional: `"crowd"` and `"difficult"`
            (M,), 1 for rows that are neither to be found nor wrong to be
            found; `"area"` (M,) in pixels; `"annotated"` (C,), 0 for classes
            of which nothing is known in that image: neither their objects
            nor their detections count there.
        detections: List of dicts, as above, in the same order.
        kind: `"boxes"`, `"masks"` or `"keypoints"`: what else is needed.
            `"masks"` are (M, H, W) or a list of M run lengths, `"keypoints"`
            (M, K, 3).
        num_classes: C, or `None` for the largest class that occurs.

    Returns:
        `(images, num_classes)`: a list of `Image`, whose `truth` and `found`
        are dicts of float64 arrays without padding, classes int64.

    Raises:
        ValueError: Naming the image, if something makes no sense.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4], [0, 0, 0, 0]], "classes": [2, -1]}]
    >>> found = [{"boxes": [[0, 0, 4, 4]], "classes": [2], "scores": [0.9]}]
    >>> (image,), num_classes = read_images(truth, found)
    >>> len(image.truth["boxes"]), num_classes
    (1, 3)
    """
    if kind not in NEEDED:
        raise ValueError(
            f"Expected kind to be one of {tuple(NEEDED)}, received {kind!r}."
        )
    if num_classes is not None:
        require_count(num_classes, 1, "num_classes")
    truth, detections = list(truth), list(detections)
    if len(truth) != len(detections) or not truth:
        raise ValueError(
            "Expected truth and detections of the same images, and at least "
            f"one; received {len(truth)} and {len(detections)}."
        )
    images = [
        _read_image(number, *pair, kind, num_classes)
        for number, pair in enumerate(zip(truth, detections))
    ]
    if num_classes is None:
        classes = [objects["classes"] for image in images for objects in image]
        num_classes = int(np.concatenate(classes).max(initial=-1)) + 1
        if num_classes > MOST_CLASSES:
            raise ValueError(
                f"Expected class numbers from 0 on, received "
                f"{num_classes - 1}. Is it the id of a category? If there are "
                "so many classes, pass num_classes."
            )
    return images, num_classes


def _read_image(number, truth, found, kind, num_classes):
    needed = NEEDED[kind]
    try:
        annotated = require_annotated(truth, num_classes)
        objects = _read(truth, needed[0], OF_TRUTH, kind, num_classes)
        require_no_slip(truth)
        truth = _of_annotated(objects, annotated)
    except ValueError as error:
        raise ValueError(f"Image {number}: in the truth, {error}") from error
    try:
        found = _read(found, needed[1], OF_DETECTIONS, kind, num_classes)
        found = _of_annotated(found, annotated)
        if kind == "keypoints":
            require_keypoints(truth["keypoints"], found["keypoints"])
    except ValueError as error:
        raise ValueError(
            f"Image {number}: in the detections, {error}"
        ) from error
    for field in ("crowd", "difficult"):
        flag = truth.get(field, np.zeros(len(truth["classes"])))
        truth[field] = flag > 0
    return Image(truth, found)


def _read(objects, needed, fields, kind, num_classes):
    """Dict of checked arrays."""
    require_fields(objects, needed)
    classes = require_classes(objects["classes"], num_classes)
    result = {"classes": classes}
    if kind == "keypoints":
        fields = (*fields, kind)
    for field in fields:
        if field != "classes" and objects.get(field) is not None:
            value = with_rank(objects[field], field)
            result[field] = value.astype("float64")
    if kind == "masks":
        result[kind] = require_masks(objects[kind])
    require_rows(result)
    result = _rows(result, np.flatnonzero(classes >= 0))
    if "boxes" in result:
        require_boxes(result["boxes"])
    if "scores" in result:
        require_scores(result["scores"])
    return result


def _of_annotated(objects, annotated):
    """The objects of classes of which something is known."""
    if annotated is None:
        return objects
    classes = objects["classes"]
    beyond = classes >= len(annotated)
    if beyond.any():
        raise ValueError(
            f"expected 'annotated' (C,) to speak of the class "
            f"{classes[beyond][0]}, received {len(annotated)} numbers."
        )
    return _rows(objects, np.flatnonzero(annotated[classes]))


def _rows(objects, rows):
    """Picks rows of every field."""
    return {
        field: [value[row] for row in rows]
        if isinstance(value, list)
        else value[rows]
        for field, value in objects.items()
    }
