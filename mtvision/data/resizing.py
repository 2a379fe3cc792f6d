"""Resizing a sample: the image, and every label that lies on it."""

import numpy as np

from mtvision.data import fields

METHODS = ("stretch", "letterbox")


def resize_sample(sample, size, *, method="stretch"):
    """Resizes the images of a sample and moves its labels along.

    Images are resized bilinearly (averaging over the covered pixels when they
    shrink), maps and masks by the nearest pixel, boxes and key points by
    their coordinates; areas of objects grow as the image does.

    Args:
        sample: Dict of arrays with an `image` (H, W, C). Fields are recognised
            by the last word of their names (`box`, `boxes`, `keypoints`,
            `masks`, `mask`, `semantic`, `depth`, `normals`, `edges`), and maps
            also by having the image's height and width. None stays None.
            Without an `image`, as in pairs of images, only what is named an
            image is resized.
        size: (height, width) in pixels.
        method: `"stretch"` fills the new size; `"letterbox"` keeps the aspect
            ratio and centres the image between borders, which are 0 in images
            and masks, and missing in maps: -1, or NaN.

    Returns:
        A new dict.

    Example:

    >>> sample = {
    ...     "image": np.zeros((10, 20, 3), "uint8"),
    ...     "box": np.array([0, 0, 20, 10], "float32"),
    ... }
    >>> small = resize_sample(sample, (10, 10), method="letterbox")
    >>> small["image"].shape, small["box"].tolist()
    ((10, 10, 3), [0.0, 2.0, 10.0, 7.0])
    """
    image = sample.get("image")
    shape = None if image is None else image.shape
    return {
        name: value
        if value is None or (shape is None and not fields.is_image_field(name))
        else _resize_field(name, value, shape, size, method)
        for name, value in sample.items()
    }


def resize_image(image, size):
    """Bilinear resizing of one image, averaging when it shrinks.

    Args:
        image: (H, W, C) uint8 or float array.
        size: (height, width).

    Returns:
        Array of the same type, (height, width, C).

    Example:

    >>> resize_image(np.full((4, 4, 3), 7, "uint8"), (2, 3)).shape
    (2, 3, 3)
    """
    from PIL import Image

    if image.shape[:2] == tuple(size):
        return image
    order = (size[1], size[0])
    bilinear = Image.Resampling.BILINEAR
    if image.dtype == np.uint8 and image.shape[-1] == 3:
        return np.asarray(Image.fromarray(image).resize(order, bilinear))
    planes = [
        np.asarray(
            Image.fromarray(plane.astype("float32")).resize(order, bilinear)
        )
        for plane in np.moveaxis(image, -1, 0)
    ]
    stacked = np.stack(planes, axis=-1)
    if image.dtype.kind == "u":
        stacked = np.rint(stacked)
    return stacked.astype(image.dtype)


def resize_map(array, size, *, axis=0):
    """Nearest resizing of two neighbouring axes, exact for class numbers.

    Args:
        array: Array with height at `axis` and width behind it.
        size: (height, width).
        axis: Axis of the height.

    Returns:
        Array of the same type.

    Example:

    >>> resize_map(np.array([[1, 2], [3, 4]]), (4, 2)).tolist()
    [[1, 2], [1, 2], [3, 4], [3, 4]]
    """
    for step, target in enumerate(size):
        source = array.shape[axis + step]
        if source != target:
            nearest = (np.arange(target) + 0.5) * source / target
            array = array.take(nearest.astype("int64"), axis=axis + step)
    return array


def as_signed(array):
    """Integers and bools as int32, which knows -1; floats as they are."""
    return array.astype("int32") if array.dtype.kind in "bui" else array


def _geometry(shape, size, method):
    """Size of the picture inside `size`, and its top left corner (y, x)."""
    if method == "stretch":
        return tuple(size), (0, 0)
    scale = min(size[0] / shape[0], size[1] / shape[1])
    inner = tuple(max(1, round(side * scale)) for side in shape[:2])
    return inner, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2)


def _resize_field(name, value, shape, size, method):
    word = fields.last_word(name)
    if word == "image":
        # An image beside the main one may have a size of its own.
        inner, corner = _geometry(value.shape, size, method)
        return _pad(resize_image(value, inner), size, corner, 0)
    inner, corner = _geometry(shape, size, method)
    if fields.is_box_field(name) or word == "keypoints":
        return _move_points(value, shape, inner, corner)
    if fields.is_area_field(name, value):
        growth = inner[0] * inner[1] / (shape[0] * shape[1])
        return np.asarray(value * growth, "float32")
    if word == "masks":
        return _pad(resize_map(value, inner, axis=1), size, corner, 1)
    if fields.is_map(name, value, shape):
        value = resize_map(value, inner)
        if method == "stretch":
            return value
        outside = np.nan if value.dtype.kind == "f" else -1
        return _pad(as_signed(value), size, corner, 0, outside)
    return value


def _move_points(points, shape, inner, corner):
    """Scales and shifts the x, y pairs of boxes (..., 4) and of key points
    (..., 2 or 3); the third value of a key point stays.
    """
    scale = np.array([inner[1] / shape[1], inner[0] / shape[0]], "float32")
    shift = np.array([corner[1], corner[0]], "float32")
    moved = np.array(points, "float32")
    for start in range(0, moved.shape[-1] - 1, 2):
        pair = slice(start, start + 2)
        moved[..., pair] = moved[..., pair] * scale + shift
    if moved.shape[-1] == 3:
        # Key points that are not labelled stay 0, 0, 0.
        moved[(np.asarray(points) == 0).all(axis=-1)] = 0
    return moved


def _pad(array, size, corner, axis, value=0):
    missing = [size[k] - array.shape[axis + k] for k in (0, 1)]
    if not any(missing):
        return array
    widths = [(0, 0)] * array.ndim
    for k in (0, 1):
        widths[axis + k] = (corner[k], missing[k] - corner[k])
    return np.pad(array, widths, constant_values=value)
