"""Checks of the fields of objects that are numpy arrays still."""

import numpy as np

# Not labelled, hidden, visible; as in COCO's files.
VISIBILITIES = (0, 1, 2)


def check_masks(y_true):
    """Raises unless masks of objects hold nothing but 0 and 1.

    Args:
        y_true: As for `truth_objects.read_objects`, of numpy arrays, with
            `"masks"` (B, M, H, W). One that is missing is all NaN or all -1.

    Raises:
        ValueError: Naming the sample and the object.

    Example:

    >>> check_masks({"masks": np.ones((1, 1, 2, 2)), "classes": [[0]]})
    """
    masks = np.asarray(y_true["masks"])
    low, high = masks.min(initial=0), masks.max(initial=0)
    if masks.dtype.kind in "biu" and low >= 0 and high <= 1:
        return  # so in nearly all data, and much faster to find out
    for sample, row in np.argwhere(np.asarray(y_true["classes"]) >= 0):
        mask = masks[sample, row]
        wrong = mask[(mask != 0) & (mask != 1)]
        if wrong.size and not _is_missing(mask):
            raise ValueError(
                f"'masks' of sample {sample} hold {wrong[0]:g}, in object "
                f"{row}. Expected 1 inside of the object and 0 elsewhere; a "
                "mask that is missing is NaN or -1 all over."
            )


def check_mask_size(y_true, image_size):
    """Raises unless masks of objects have the size of the images.

    Args:
        y_true: Dict with `"masks"` (B, M, H, W), or without any.
        image_size: (H, W), or `None` if it is not known.

    Raises:
        ValueError: If it is another.

    Example:

    >>> check_mask_size({"masks": np.zeros((1, 1, 8, 9))}, (8, 9))
    """
    if image_size is None or "masks" not in y_true:
        return
    size = tuple(np.shape(y_true["masks"])[2:])
    if size != tuple(image_size):
        raise ValueError(
            f"the masks have {size} pixels, the images {tuple(image_size)} "
            "(height, width). Expected 'masks' (B, M, H, W) of the size of "
            "the images."
        )


def check_keypoints(y_true):
    """Raises unless key points of objects can be places in pixels.

    Args:
        y_true: As for `truth_objects.read_objects`, of numpy arrays, with
            `"keypoints"` (B, M, K, 3). Those of an object that are missing
            are all NaN or all -1.

    Raises:
        ValueError: Naming the sample and the object; or if all points are
            from 0 to 1, as shares of the image are.

    Example:

    >>> check_keypoints({"keypoints": np.zeros((1, 1, 3, 3)), "classes": [[0]]})
    """
    points = _points_of_objects(y_true)
    places, visibility = points[..., :2], points[..., 2]
    bad = ~np.isin(visibility, VISIBILITIES)
    if bad.any():
        sample, row, number = np.argwhere(bad)[0]
        raise ValueError(
            f"'keypoints' of sample {sample} have the visibility "
            f"{visibility[sample, row, number]:g}, of point {number} of "
            f"object {row}. Expected 0 for a point that is not labelled, 1 "
            "for a hidden one, or 2."
        )
    visible = visibility > 0
    bad = visible & ~np.isfinite(places).all(axis=-1)
    if bad.any():
        raise ValueError(
            f"{_where(places, bad)}. Expected x and y in pixels, or "
            "visibility 0 for a point that is not labelled."
        )
    shown = places[visible]
    # One alone may lie in the first pixel.
    if len(shown) > 1 and shown.min() >= 0 and shown.max() <= 1:
        raise ValueError(
            "all 'keypoints' lie within 0 to 1, such as "
            f"{shown[0].tolist()}: they look like shares of the image. "
            "Expected x and y in pixels; multiply them by the width and the "
            "height."
        )


def check_keypoints_near(y_true, image_size):
    """Raises if a key point is farther from the image than its other side.

    Points of an object that is cut off may lie outside.

    Args:
        y_true: As for `check_keypoints`, which has passed.
        image_size: (H, W), or `None` if it is not known.

    Raises:
        ValueError: Naming the sample and the object.

    Example:

    >>> points = np.array([[[[-9.0, 20.0, 2.0]]]])
    >>> check_keypoints_near({"keypoints": points, "classes": [[0]]}, (32, 32))
    """
    if image_size is None:
        return
    points = _points_of_objects(y_true)
    places, side = points[..., :2], np.asarray(image_size)[::-1]
    far = (places < -side) | (places > 2 * side)
    bad = far.any(axis=-1) & (points[..., 2] > 0)
    if bad.any():
        raise ValueError(
            f"{_where(places, bad)}, but the images have {image_size[0]} x "
            f"{image_size[1]} pixels (height, width). Expected points in "
            "pixels of the image, at most its width or height outside of it."
        )


def _points_of_objects(y_true):
    """Key points (B, M, K, 3), zeros where there are none."""
    points = np.asarray(y_true["keypoints"]).astype("float64")
    missing = (np.isnan(points) | (points == -1)).all(axis=(2, 3))
    has_points = (np.asarray(y_true["classes"]) >= 0) & ~missing
    return np.where(has_points[..., None, None], points, 0.0)


def _where(places, bad):
    sample, row, number = np.argwhere(bad)[0]
    place = places[sample, row, number].tolist()
    return (
        f"'keypoints' of sample {sample} have point {number} of object {row} "
        f"at {place}"
    )


def _is_missing(values):
    if values.dtype.kind == "f" and np.isnan(values).all():
        return True
    return bool((values == -1).all())
