"""What a field of a sample holds, told by the last word of its name.

`boxes` and `cat_boxes` are boxes, `mask` and `trimap_mask` are maps. Fields
that share what comes before the last word belong together: `cat_classes` has
one class for each row of `cat_boxes`.
"""

import numpy as np

# The axes of fields with one row for each object, the number of objects first.
OBJECT_AXES = {
    "boxes": 2,
    "classes": 1,
    "masks": 3,
    "keypoints": 3,
    "crowd": 1,
    "difficult": 1,
    "area": 1,
    "phrases": 2,
}
MAP_WORDS = ("semantic", "panoptic", "mask", "depth", "normals", "edges")


def last_word(name):
    """`"cat_boxes"` gives `"boxes"`."""
    return name.rpartition("_")[2]


def sibling(name, word):
    """The field of the same prefix: `("cat_boxes", "classes")` gives
    `"cat_classes"`.
    """
    return name[: len(name) - len(last_word(name))] + word


def is_object_field(name, rank):
    """Whether a field has one row for each object, so that its length varies.

    Args:
        name: Name of the field.
        rank: Number of axes of its value: key points (K, 3) of a single
            animal are of fixed length, (M, K, 3) are not.

    Example:

    >>> is_object_field("keypoints", 3), is_object_field("keypoints", 2)
    (True, False)
    """
    return OBJECT_AXES.get(last_word(name)) == rank


def is_box_field(name):
    """Whether a field holds one box or several."""
    return last_word(name) in ("box", "boxes")


def is_area_field(name, value):
    """Whether a field holds the areas of objects, (M,).

    Args:
        name: Name of the field.
        value: Its array.

    Example:

    >>> is_area_field("area", np.ones(3)), is_area_field("area", np.ones(()))
    (True, False)
    """
    return last_word(name) == "area" and is_object_field(name, np.ndim(value))


def is_image_field(name):
    """Whether a field holds an image (H, W, C)."""
    return last_word(name) == "image"


def images_of(sample):
    """The names of the images that a sample has.

    Args:
        sample: Dict from field to array or `None`.

    Example:

    >>> images_of({"first_image": np.zeros((8, 8, 3)), "image": None})
    ['first_image']
    """
    return [
        name
        for name, value in sample.items()
        if value is not None and is_image_field(name)
    ]


def is_map(name, value, image_shape):
    """Whether a field has one value for each pixel: by its name, or by having
    the height and width of the image.

    Args:
        name: Name of the field.
        value: Its array.
        image_shape: Shape of the image, (H, W, C).

    Example:

    >>> is_map("heat", np.zeros((8, 6)), (8, 6, 3))
    True
    """
    if last_word(name) in (*OBJECT_AXES, "box", "image"):
        return False
    same_size = np.shape(value)[:2] == image_shape[:2]
    return last_word(name) in MAP_WORDS or same_size


def is_missing(value):
    """Whether a label is not given: `None`, NaN or -1 all over.

    Args:
        value: Array or None.

    Example:

    >>> is_missing(np.array(-1)), is_missing(np.array([0.0, np.nan]))
    (True, False)
    """
    if value is None:
        return True
    if value.size == 0:
        return False
    first = value.flat[0]
    if value.dtype.kind == "f":
        return bool(np.isnan(first) and np.isnan(value).all())
    return bool(first == -1 and (value == -1).all())
