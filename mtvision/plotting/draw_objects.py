"""Objects over an image: boxes, masks and key points that belong together."""

import numpy as np

from mtvision.plotting.class_names import class_name
from mtvision.plotting.draw_boxes import draw_boxes
from mtvision.plotting.draw_keypoints import draw_keypoints
from mtvision.plotting.draw_masks import draw_masks
from mtvision.plotting.field_kinds import OBJECT_WORDS, sibling
from mtvision.plotting.palette import colour
from mtvision.plotting.phrase_texts import with_phrases


def draw_objects(axis, objects, *, class_names=None, words=None, skeleton=None):
    """Draws objects over an image. Where there are masks or key points, each
    instance has a colour of its own; else each class.

    Args:
        axis: Matplotlib axes with the image.
        objects: Dict with any of `boxes` (M, 4), `classes` (M,), `masks`
            (M, H, W), `keypoints` ((M,) K, 2 or 3), `crowd` (M,),
            `phrases` (M, L) to write below the names, and `names`, M texts to
            write instead of classes and phrases. None is left out, as are
            padding rows.
        class_names: List of names.
        words: List of the words of phrases, by their numbers.
        skeleton: Pairs of numbers of key points, from 0.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_objects(axis, {"boxes": np.ones((2, 4)), "classes": [3, -1]})
    >>> [text.get_text() for text in axis.texts]
    ['3']
    """
    objects = {k: v for k, v in objects.items() if v is not None}
    objects = without_padding(objects)
    rows = [len(v) for k, v in objects.items() if k != "keypoints"]
    rows.append(len(np.atleast_3d(objects.get("keypoints", ()))))
    number = max(rows)
    if not number:
        return
    classes = objects.get("classes")
    apart = classes is None or "masks" in objects or "keypoints" in objects
    colours = [colour(k) for k in (range(number) if apart else classes)]
    if "masks" in objects:
        draw_masks(axis, objects["masks"], colours=colours)
    if "keypoints" in objects:
        points = objects["keypoints"]
        draw_keypoints(axis, points, skeleton=skeleton, colours=colours)
    names = objects.get("names")
    if names is None:
        names = _names(objects, class_names, words)
    if "boxes" in objects:
        dashed = objects.get("crowd")
        marks = {"names": names, "colours": colours, "dashed": dashed}
        draw_boxes(axis, objects["boxes"], **marks)


def _names(objects, class_names, words):
    """M texts, or None."""
    names = None
    if "classes" in objects:
        names = [class_name(k, class_names) for k in objects["classes"]]
    if "phrases" in objects:
        names = with_phrases(names, objects["phrases"], words)
    return names


def objects_of(name, sample):
    """The fields that share the prefix of a field, without padding rows.

    Args:
        name: Name of a field with a row for each object, as `cat_boxes`.
        sample: Dict of fields.

    Returns:
        Dict from word (`boxes`, `classes`...) to rows.

    Example:

    >>> sample = {"cat_classes": np.array([2, -1]), "classes": np.array([1])}
    >>> objects_of("cat_boxes", sample)
    {'classes': [np.int64(2)]}
    """
    found = {word: sample.get(sibling(name, word)) for word in OBJECT_WORDS}
    found = {k: v for k, v in found.items() if v is not None}
    return without_padding(found)


def without_padding(objects):
    """Leaves out the rows of class -1; without classes, those with a box of
    zeros all over, or a mask or key points of zeros.

    Args:
        objects: Dict of arrays with one row for each object.

    Example:

    >>> rows = {"classes": np.array([3, -1]), "crowd": np.array([0, -1])}
    >>> without_padding(rows)["crowd"] == [0]
    True
    """
    judges = ("classes", "boxes", "masks", "keypoints")
    judge = next((word for word in judges if word in objects), None)
    if judge is None or (np.ndim(objects[judge]) == 2 and judge == "keypoints"):
        return objects
    values = np.asarray(objects[judge])
    kept = values >= 0
    if judge != "classes":
        kept = values.any(axis=tuple(range(1, values.ndim)))
    return {k: _rows(v, k, kept) for k, v in objects.items()}


def _rows(values, word, kept):
    # Key points of a single object have no rows.
    if word == "keypoints" and np.ndim(values) == 2:
        return values
    return [value for value, wanted in zip(values, kept) if wanted]
