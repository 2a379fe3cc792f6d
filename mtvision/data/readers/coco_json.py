"""What the JSON files of COCO have in common."""

import collections
import math
import warnings

import numpy as np

from mtvision.data.hints import hint
from mtvision.data.readers.file_names import checked_name, is_unicode
from mtvision.data.readers.json_files import load_json

# As float32 can hold it.
LARGEST_AREA = float(np.finfo("float32").max)
ASTRAY = "annotation of an image that is not listed, left out"


def read_json(path, keys):
    """Reads a COCO file.

    Args:
        path: Path of the file.
        keys: Names of the lists that it must have.

    Returns:
        Its content, a dict.

    Raises:
        ValueError: If it is missing, malformed, too large or lacks a list, or
            one of its dicts has a key twice.

    Example:

    >>> read_json("instances.json", ["images"])["images"]  # doctest: +SKIP
    [{'id': 9, 'file_name': '000000000009.jpg', 'height': 480, ...
    """
    content = load_json(path)
    for key in keys:
        found = content.get(key) if isinstance(content, dict) else None
        if not isinstance(found, list):
            raise ValueError(
                f"{path}: expected a COCO file with a list {key!r}."
            )
    if not isinstance(content.get("annotations", []), list):
        raise ValueError(
            f"{path}: expected 'annotations' as a list, or none where nothing "
            f"is labelled, received {content['annotations']!r:.60}."
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
        ValueError: If one lacks its id or name, two have the same id, or some
            ids are numbers and others texts.

    Example:

    >>> cat, dog = {"id": 17, "name": "cat"}, {"id": 3, "name": "dog"}
    >>> [c["name"] for c in categories_of({"categories": [cat, dog]}, "")]
    ['dog', 'cat']
    """
    by_id = {}
    for category in content["categories"]:
        number = _id(category, "id", f"{path}: a category")
        name = _get(category, "name", f"{path}: category {number}")
        if not isinstance(name, str) or not is_unicode(name):
            raise ValueError(
                f"{path}: expected a text as the name of category {number!r}, "
                f"received {name!r:.60}."
            )
        if number in by_id:
            raise ValueError(f"{path}: two categories have the id {number}.")
        by_id[number] = category
    if len({isinstance(number, str) for number in by_id}) > 1:
        raise ValueError(
            f"{path}: expected the ids of categories as numbers, or all of "
            f"them as texts, received {list(by_id)[:10]}."
        )
    return [by_id[number] for number in sorted(by_id)]


def entries_of(content, path, findings):
    """The images of a file, each with its annotations.

    Args:
        content: Of `read_json`.
        path: Path of the file, for messages.
        findings: `Findings`; annotations of images that are not listed are
            added to it, with a warning.

    Returns:
        Dict from file to a dict of `size`, (H, W) as the JSON says or None,
        and `annotations`, a list, or None if the file has no such list.

    Raises:
        ValueError: If an image has no id or file, or two have the same, or if
            all annotations are of images that are not listed.

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
        number = _id(image, "id", f"{path}: an image")
        file = _get(image, "file_name", f"{path}: image {number}")
        file = checked_name(f"{path}, image {number}", file)
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
    astray = []
    for annotation in content.get("annotations", ()):
        number = _id(annotation, "image_id", f"{path}: an annotation")
        if number in by_id:
            by_id[number]["annotations"].append(annotation)
        else:
            place = f"annotation {annotation.get('id')} (image {number!r})"
            findings.add(ASTRAY, place)
            astray.append(place)
    if astray:
        _tell_astray(path, content, by_id, astray)
    return entries


def _tell_astray(path, content, images, astray):
    number = len(content["annotations"])
    told = (
        f"{path}: {len(astray)} of {number} annotations are of images that are "
        f"not listed: {', '.join(astray[:3])}; the listed images have ids such "
        f"as {list(images)[:3]}."
    )
    if len(astray) == number:
        raise ValueError(
            f"{told} Are the ids numbers in one list and texts in the other, "
            "or is it the file of other images?"
        )
    # Where the constructor of a reader is called.
    warnings.warn(f"{told} They are left out.", stacklevel=4)


def choose_categories(categories, chosen, path):
    """Some of the categories, in the order in which they are asked for.

    Args:
        categories: Of `categories_of`.
        chosen: List of names or ids; None for all.
        path: Path of the file, for messages.

    Returns:
        List of categories.

    Raises:
        ValueError: If one is unknown or asked for twice.

    Example:

    >>> cat, dog = {"id": 17, "name": "cat"}, {"id": 3, "name": "dog"}
    >>> [c["id"] for c in choose_categories([dog, cat], ["cat", 3], "")]
    [17, 3]
    """
    if chosen is None:
        return categories
    if isinstance(chosen, str):
        raise ValueError(
            f"Expected a list of categories, received {chosen!r}: pass "
            f"categories=[{chosen!r}]."
        )
    known = {c["name"]: c for c in categories}
    known |= {c["id"]: c for c in categories}
    for each in chosen:
        if each not in known:
            names = [c["name"] for c in categories]
            raise ValueError(
                f"{path}: there is no category {each!r} among {names}."
                f"{hint(str(each), names)}"
            )
    found = [known[each] for each in chosen]
    if not found or len({c["id"] for c in found}) < len(found):
        raise ValueError(
            f"Expected categories that differ, at least one, received "
            f"{list(chosen)}."
        )
    return found


def leave_out_categories(entries, left_out, findings):
    """Takes the annotations of some categories out of the entries of images.

    Args:
        entries: Of `entries_of`; changed.
        left_out: List of categories.
        findings: `Findings`, where the annotations are counted by category.
    """
    names = {category["id"]: category["name"] for category in left_out}
    counts = collections.Counter()
    for entry in entries.values():
        kept = []
        for annotation in entry["annotations"] or ():
            name = None
            # Ids that cannot be looked up are refused when they are read.
            if isinstance(annotation.get("category_id"), int | float | str):
                name = names.get(annotation["category_id"])
            if name is None:
                kept.append(annotation)
            else:
                counts[name] += 1
        if entry["annotations"] is not None:
            entry["annotations"] = kept
    for name, number in sorted(counts.items()):
        findings.add(
            "category not asked for, left out", f"{name} ({number} annotations)"
        )


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
                f"y, width, height], received {box!r:.60}"
            )
        try:
            boxes[row] = box
        except (TypeError, ValueError, OverflowError):
            raise ValueError(
                f"annotation {annotation.get('id')} has a bbox that is not "
                f"of numbers: {box!r:.60}"
            ) from None
    # What is not finite is found in the boxes.
    with np.errstate(over="ignore", invalid="ignore"):
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
        if isinstance(number, bool | list | dict) or number not in numbers:
            raise ValueError(
                f"annotation {annotation.get('id')} has the category "
                f"{number}, which is not listed in categories"
            )
    found = [numbers[a["category_id"]] for a in annotations]
    return np.array(found, "int32")


def crowd_of(annotations):
    """Whether each of M annotations marks a crowd, int32 (M,) of 0 and 1.

    Raises:
        ValueError: If `iscrowd` is no number.

    Example:

    >>> crowd_of([{"iscrowd": 1}, {}]).tolist()
    [1, 0]
    """
    return np.array([_is_crowd(a) for a in annotations], "int32")


def areas_of(annotations, note):
    """The areas of annotations.

    Args:
        annotations: List of M dicts, with `area` where it is known.
        note: Function of the kind and the detail of a finding.

    Returns:
        Float32 array (M,), pixels; NaN where there is none, or none that makes
        sense, which is noted.

    Example:

    >>> areas_of([{"area": 7.5}, {}, {"id": 3, "area": -1}], print).tolist()
    area that is no number from 0, not taken  (annotation 3: -1)
    [7.5, nan, nan]
    """
    return np.array([_area(each, note) for each in annotations], "float32")


def _area(annotation, note):
    value = annotation.get("area")
    if value is None:
        return np.nan
    sound = isinstance(value, int | float) and 0 <= value < LARGEST_AREA
    if not sound:
        detail = f" (annotation {annotation.get('id')}: {value!r:.60})"
        note("area that is no number from 0, not taken", detail)
    return value if sound else np.nan


def _is_crowd(annotation):
    value = annotation.get("iscrowd") or 0
    try:
        return int(value) != 0
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"annotation {annotation.get('id')} should have 0 or 1 in "
            f"iscrowd, received {value!r:.60}"
        ) from None


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


def _id(item, key, place):
    """The id of an item: a number, or a text."""
    number = _get(item, key, place)
    sound = isinstance(number, int | float | str)
    if isinstance(number, float):
        sound = math.isfinite(number)
    if isinstance(number, bool) or not sound:
        raise ValueError(
            f"{place}: expected a number or a text as {key!r}, received "
            f"{number!r:.60}."
        )
    return number


def _get(item, key, place):
    if not isinstance(item, dict) or item.get(key) in (None, ""):
        raise ValueError(f"{place} has no {key!r}.")
    return item[key]
