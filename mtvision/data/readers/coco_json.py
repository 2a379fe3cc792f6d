"""What the JSON files of COCO have in common."""

import json
import pathlib

import numpy as np

from mtvision.data.readers.scanning import check_name


def read_json(path, keys):
    """Reads a COCO file.

    Args:
        path: Path of the file.
        keys: Names of the lists that it must have.

    Returns:
        Its content, a dict.

    Raises:
        ValueError: If it is missing, malformed or lacks a list.

    Example:

    >>> read_json("instances.json", ["images"])["images"]  # doctest: +SKIP
    [{'id': 9, 'file_name': '000000000009.jpg', 'height': 480, ...
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file.")
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as JSON ({error}).") from None
    for key in keys:
        found = content.get(key) if isinstance(content, dict) else None
        if not isinstance(found, list):
            raise ValueError(
                f"{path}: expected a COCO file with a list {key!r}."
            )
    return content


def categories_of(content, path):
    """The categories of a file, in the order of their numbers.

    Args:
        content: Of `read_json`.
        path: Path of the file, for messages.

    Returns:
        List of categories, dicts with `id` and `name`.

    Raises:
        ValueError: If one lacks its id or name, or two have the same id.

    Example:

    >>> cat, dog = {"id": 17, "name": "cat"}, {"id": 3, "name": "dog"}
    >>> [c["name"] for c in categories_of({"categories": [cat, dog]}, "")]
    ['dog', 'cat']
    """
    by_id = {}
    for category in content["categories"]:
        number = _get(category, "id", f"{path}: a category")
        _get(category, "name", f"{path}: category {number}")
        if number in by_id:
            raise ValueError(f"{path}: two categories have the id {number}.")
        by_id[number] = category
    return [by_id[number] for number in sorted(by_id)]


def entries_of(content, path, findings):
    """The images of a file, each with its annotations.

    Args:
        content: Of `read_json`.
        path: Path of the file, for messages.
        findings: `Findings`; annotations of images that are not listed are
            added to it.

    Returns:
        Dict from file to a dict of `size`, (H, W) as the JSON says or None,
        and `annotations`, a list, or None if the file has no such list.

    Raises:
        ValueError: If an image has no id or file, or two have the same.

    Example:

    >>> content = {
    ...     "images": [{"id": 9, "file_name": "a.jpg"}],
    ...     "annotations": [{"id": 1, "image_id": 9}],
    ... }
    >>> entries_of(content, "a.json", {})
    {'a.jpg': {'size': None, 'annotations': [{'id': 1, 'image_id': 9}]}}
    """
    labelled = "annotations" in content
    entries, by_id = {}, {}
    for image in content["images"]:
        number = _get(image, "id", f"{path}: an image")
        file = _get(image, "file_name", f"{path}: image {number}")
        check_name(f"{path}, image {number}", file)
        if number in by_id or file in entries:
            raise ValueError(
                f"{path}: image {number} ({file}) is listed twice, by its id "
                "or its file. Keep one."
            )
        entries[file] = {
            "size": _size(image),
            "annotations": [] if labelled else None,
        }
        by_id[number] = entries[file]
    for annotation in content.get("annotations", ()):
        number = _get(annotation, "image_id", f"{path}: an annotation")
        if number in by_id:
            by_id[number]["annotations"].append(annotation)
        else:
            findings.add(
                "annotation of an image that is not listed, left out",
                f"annotation {annotation.get('id')} (image {number})",
            )
    return entries


def boxes_of(annotations):
    """The boxes of annotations.

    Args:
        annotations: List of M dicts with `bbox`, [x, y, width, height].

    Returns:
        Float32 array (M, 4), xyxy in pixels.

    Raises:
        ValueError: If one is missing or not of four numbers.

    Example:

    >>> boxes_of([{"bbox": [1, 2, 10, 20]}]).tolist()
    [[1.0, 2.0, 11.0, 22.0]]
    """
    boxes = np.empty((len(annotations), 4))
    for row, annotation in enumerate(annotations):
        box = annotation.get("bbox")
        if not isinstance(box, list) or len(box) != 4:
            raise ValueError(
                f"annotation {annotation.get('id')} should have a bbox [x, "
                f"y, width, height], received {box!r}"
            )
        try:
            boxes[row] = box
        except (TypeError, ValueError):
            raise ValueError(
                f"annotation {annotation.get('id')} has a bbox that is not "
                f"of numbers: {box!r}"
            ) from None
    boxes[:, 2:] += boxes[:, :2]
    return boxes.astype("float32")


def classes_of(annotations, numbers):
    """The class numbers of annotations.

    Args:
        annotations: List of M dicts with `category_id`.
        numbers: Dict from category id to class number.

    Returns:
        Int32 array (M,).

    Raises:
        ValueError: If a category is not listed.

    Example:

    >>> classes_of([{"category_id": 17}], {3: 0, 17: 1}).tolist()
    [1]
    """
    for annotation in annotations:
        number = annotation.get("category_id")
        # A list or dict cannot be looked up.
        if isinstance(number, list | dict) or number not in numbers:
            raise ValueError(
                f"annotation {annotation.get('id')} has the category "
                f"{number}, which is not listed in categories"
            )
    found = [numbers[a["category_id"]] for a in annotations]
    return np.array(found, "int32")


def crowd_of(annotations):
    """Whether each of M annotations marks a crowd, int32 (M,) of 0 and 1.

    Example:

    >>> crowd_of([{"iscrowd": 1}, {}]).tolist()
    [1, 0]
    """
    return np.array([bool(a.get("iscrowd", 0)) for a in annotations], "int32")


def note_size(entry, shape, note):
    """Notes that an image has not the size (H, W) that the JSON says."""
    if entry["size"] not in (None, shape):
        note("size in JSON differs", f" ({entry['size']}, {shape})")


def note_unlisted(found, entries, findings):
    """Adds the image files that no JSON entry names to the findings."""
    for file in found:
        if file not in entries:
            findings.add("image not listed, left out", file)


def _size(image):
    size = (image.get("height"), image.get("width"))
    return None if None in size else size


def _get(item, key, place):
    if not isinstance(item, dict) or item.get(key) in (None, ""):
        raise ValueError(f"{place} has no {key!r}.")
    return item[key]
