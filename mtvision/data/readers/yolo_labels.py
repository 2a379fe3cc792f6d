"""Reading one text file of YOLO."""

import numpy as np

from mtvision.data.readers.coco_masks import check_polygons
from mtvision.data.readers.text_files import read_text

# Of larger numbers, an area in pixels would be infinite in float32.
LARGEST = 1e10


def read_yolo(path, shape, *, num_classes):
    """Reads the objects of one image.

    Args:
        path: Path of the text file, with an object a line: the class number,
            then either centre x, centre y, width and height of its box, or
            x, y of three or more points of a polygon, all as shares of the
            image. None stands for an empty file.
        shape: (H, W) of the image.
        num_classes: Number of classes.

    Returns:
        Dict of `boxes` (M, 4) float32 xyxy in pixels (of a polygon the least
        that holds it), `classes` (M,) int32, and `polygons`, a list of M
        arrays x1, y1, x2, y2, ... in pixels, or None for an object that has a
        box only.

    Raises:
        ValueError: If a line is malformed. It names file and line.

    Example:

    >>> read_yolo("labels/000009.txt", (480, 640), num_classes=80)[
    ...     "classes"
    ... ]  # doctest: +SKIP
    array([45, 45, 50], dtype=int32)
    """
    boxes, classes, polygons = [], [], []
    lines = [] if path is None else read_text(path).splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found, box, polygon = _read_line(line, shape, num_classes)
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error!s:.300}") from None
        classes.append(found)
        boxes.append(box)
        polygons.append(polygon)
    return {
        "boxes": np.array(boxes, "float32").reshape(-1, 4),
        "classes": np.array(classes, "int32"),
        "polygons": polygons,
    }


def _read_line(line, shape, num_classes):
    # Python takes 1_0 for 10.
    if "_" in line:
        raise ValueError(f"expected numbers, received {line!r:.60}")
    values = np.array([float(text) for text in line.split()])
    if not (abs(values) < LARGEST).all():
        raise ValueError(f"it holds numbers that are not finite: {line!r:.60}")
    if len(values) != 5 and (len(values) < 7 or len(values) % 2 == 0):
        raise ValueError(
            "expected a class number and four numbers of a box, or three or "
            f"more pairs x, y of a polygon, received {len(values)} numbers"
        )
    number, values = values[0], values[1:]
    if number not in range(num_classes):
        raise ValueError(
            f"received the class number {number:g}; expected an integer from "
            f"0 to {num_classes - 1}"
        )
    size = np.array(shape[::-1])
    if len(values) == 4:
        centre, half = values[:2] * size, values[2:] * size / 2
        return number, [*(centre - half), *(centre + half)], None
    points = values.reshape(-1, 2) * size
    check_polygons([points])
    return number, [*points.min(axis=0), *points.max(axis=0)], points.ravel()
