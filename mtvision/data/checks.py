"""Checks of one field of one sample. They raise a ValueError that says what is
wrong; whoever calls adds the task, the field and the sample.
"""

import numpy as np

from mtvision.data import fields

# The customary class number of pixels that are not to be judged.
IGNORED = 255


def check_image(image):
    """Raises unless the array is a channels-last image.

    Args:
        image: Should be (H, W, C), uint8 or float, finite.

    Raises:
        ValueError: If the rank, the order of axes, the type or a value is
            wrong.

    Example:

    >>> check_image(np.zeros((4, 4, 3), "uint8"))
    """
    if image.ndim != 3:
        raise ValueError(
            f"expected an image (H, W, C), received shape {image.shape}. A "
            "grey image needs a last axis: image[..., None]."
        )
    if image.shape[0] in (1, 3) and image.shape[-1] not in (1, 3, 4):
        raise ValueError(
            f"expected channels last, (H, W, C), received shape {image.shape} "
            "with channels first: use np.moveaxis(image, 0, -1)."
        )
    if 0 in image.shape:
        raise ValueError(f"the image is empty: shape {image.shape}.")
    if image.dtype != np.uint8 and image.dtype.kind != "f":
        raise ValueError(
            f"expected an image of uint8 or float values from 0 to 255, "
            f"received {image.dtype}: use image.astype('uint8')."
        )
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        raise ValueError("the image holds NaN or infinity.")


def check_label(value, *, partial=False, num_classes=None):
    """Raises unless a label is a sound array of numbers.

    Args:
        value: Array. Floats are finite, or NaN all over (not given); integers
            are -1 (not given) or not negative.
        partial: Whether some of the floats may be NaN.
        num_classes: The number of classes, for integers. In maps (two axes or
            more) 255 is left alone: pixels to ignore.

    Raises:
        ValueError: If the type or a value is wrong.

    Example:

    >>> check_label(np.array(-1), num_classes=10)
    """
    kind = value.dtype.kind
    if kind not in "buif":
        raise ValueError(
            f"expected numbers, received {value.dtype}: strings and objects "
            "cannot be trained on; turn names into class numbers."
        )
    if value.size == 0:
        return
    if kind == "f":
        _check_floats(value, partial)
    elif kind != "b":
        _check_integers(value, num_classes)


def _check_floats(value, partial):
    unsound = ~np.isfinite(value)
    if partial or np.isnan(value).all():
        unsound = np.isinf(value)
    if unsound.any():
        raise ValueError(
            f"{int(unsound.sum())} of {value.size} values are NaN or infinite. "
            "A label that is not given is NaN all over."
        )


def _check_integers(value, num_classes):
    if value.dtype.kind == "i" and value.min() < -1:
        raise ValueError(
            f"received the class number {value.min()}; the smallest is 0, and "
            "-1 says that the label is not given."
        )
    if value.max() > np.iinfo("int32").max:
        raise ValueError(f"received {value.max()}, which is beyond int32.")
    if num_classes is None or value.max() < num_classes:
        return
    wrong = value[value >= num_classes]
    if value.ndim >= 2:
        wrong = wrong[wrong != IGNORED]
    if wrong.size:
        raise ValueError(
            f"received the class number {wrong.max()}, but num_classes is "
            f"{num_classes}, so that the largest is {num_classes - 1}."
        )


def clip_boxes(boxes, image_shape):
    """Boxes (..., 4) cut at the edges of the image (H, W, C)."""
    height, width = image_shape[:2]
    return np.clip(boxes, 0, np.array([width, height] * 2, "float32"))


def check_boxes_shape(boxes):
    """Raises unless boxes are numbers of shape (4,) or (M, 4).

    Args:
        boxes: Array.

    Raises:
        ValueError: If the shape or the type is wrong.

    Example:

    >>> check_boxes_shape(np.zeros((0, 4)))
    """
    if boxes.dtype.kind not in "uif":
        raise ValueError(f"expected numbers, received {boxes.dtype}.")
    if boxes.ndim not in (1, 2) or boxes.shape[-1] != 4:
        raise ValueError(
            "expected boxes (M, 4), or one box (4,), as x1, y1, x2, y2, "
            f"received shape {boxes.shape}. An image without any object has "
            "np.zeros((0, 4))."
        )


def check_normals(value):
    """Raises unless directions of surfaces are floats of shape (H, W, 3).

    Args:
        value: Array.

    Raises:
        ValueError: If the shape or the type is wrong.

    Example:

    >>> check_normals(np.zeros((4, 6, 3)))
    """
    if value.ndim != 3 or value.shape[-1] != 3 or value.dtype.kind != "f":
        raise ValueError(
            "expected normals (H, W, 3), floats x, y, z from -1 to 1, "
            f"received {value.dtype} of shape {value.shape}. Pictures of 8 "
            "bits are colours: picture / 127.5 - 1."
        )


def check_size(name, value, image_shape):
    """Raises unless a map or a stack of masks has the size of the image.

    Args:
        name: Name of the field, which says whether it is such.
        value: Array, (H, W, ...) or masks (M, H, W).
        image_shape: Shape of the image, (H, W, C).

    Raises:
        ValueError: If the sizes differ.

    Example:

    >>> check_size("semantic", np.zeros((4, 6)), (4, 6, 3))
    """
    word = fields.last_word(name)
    if word == "masks":
        expected, size = "(M, H, W)", value.shape[1:3]
    elif word in fields.MAP_WORDS:
        expected, size = "(H, W)", value.shape[:2]
        if word == "normals":
            check_normals(value)
            expected = "(H, W, 3)"
    else:
        return
    if size != image_shape[:2]:
        raise ValueError(
            f"expected {expected} of the size of the image, "
            f"{image_shape[0]} x {image_shape[1]} (height x width), received "
            f"shape {value.shape}."
        )


def check_needs_no_image(name):
    """Raises for a field that cannot be read without the image that it lies
    on, as it would not be resized with it.

    Args:
        name: Name of the field.

    Raises:
        ValueError: If it holds boxes, points or pixels.

    Example:

    >>> check_needs_no_image("label")
    """
    places = ("box", "boxes", "keypoints", "masks", *fields.MAP_WORDS)
    if fields.last_word(name) in places:
        raise ValueError(
            "it lies on the image, which this sample lacks. Give the image, "
            "or None here too."
        )
