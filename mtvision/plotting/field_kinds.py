"""What a field of a sample shows: by the last word of its name, or else by
its type and shape.
"""

import numpy as np

# One row for each object; what shares the prefix belongs together.
OBJECT_WORDS = (
    "boxes", "classes", "masks", "keypoints", "crowd", "difficult", "scores",
    "phrases",
)  # fmt: skip
MAP_WORDS = ("semantic", "mask", "panoptic", "depth", "normals")
TEXT_WORDS = (
    "label", "attributes", "caption", "identity", "count", "same", "present",
)  # fmt: skip
WORDS = {
    *OBJECT_WORDS, *MAP_WORDS, *TEXT_WORDS, "image", "box", "file", "score",
    "proposals",
}  # fmt: skip


def last_word(name):
    """`"cat_boxes"` gives `"boxes"`."""
    return name.rpartition("_")[2]


def sibling(name, word):
    """The field of the same prefix: `("cat_boxes", "classes")` gives
    `"cat_classes"`.
    """
    return name[: len(name) - len(last_word(name))] + word


def kind_of(name, value, image_shape):
    """What a field shows.

    Args:
        name: Name of the field. Its last word decides, if it is one of
            `WORDS`.
        value: Array, number or text.
        image_shape: Shape of the image, (H, W, ...).

    Returns:
        One of `WORDS`; `"map"` for other numbers for each pixel; `"area"` for
        the areas of objects, which are not drawn; or `"other"`.

    Example:

    >>> kind_of("cat_boxes", np.zeros((2, 4)), (8, 8, 3))
    'boxes'
    >>> kind_of("breed", np.int32(3), (8, 8, 3))
    'label'
    >>> kind_of("outline", np.zeros((8, 8), "int32"), (8, 8, 3))
    'semantic'
    """
    if name.endswith("proposal_boxes"):
        return "proposals"
    if last_word(name) in WORDS:
        return last_word(name)
    if isinstance(value, str):
        return "caption"
    value = np.asarray(value)
    if last_word(name) == "area" and value.ndim == 1:
        return "area"
    whole = value.dtype.kind in "biu"
    if value.ndim == 0:
        return "label" if whole else "other"
    if value.shape[:2] == tuple(image_shape[:2]) and value.ndim <= 3:
        return "semantic" if whole else "map"
    if value.ndim == 1 and set(np.unique(value[value == value])) <= {0, 1}:
        return "attributes"
    return "other"


def is_missing(value):
    """Whether a label is not given: `None`, NaN or -1 all over.

    Args:
        value: Array, number, text or None.

    Example:

    >>> is_missing(-1), is_missing([0.0, np.nan]), is_missing(np.nan)
    (True, False, True)
    """
    if value is None or isinstance(value, str):
        return value is None
    value = np.asarray(value)
    if value.size == 0 or value.dtype.kind not in "iuf":
        return False
    absent = np.isnan(value) if value.dtype.kind == "f" else value == -1
    return bool(absent.all())
