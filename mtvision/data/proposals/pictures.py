"""What the methods that propose boxes share: the picture, and the rows."""

import numpy as np

from mtvision.data import checks
from mtvision.data.resizing import resize_image
from mtvision.ops.option_checks import require_count, require_not_negative


def contrib(function):
    """OpenCV, with the parts that only its contrib package has.

    Args:
        function: What needs it, for the message.

    Returns:
        The module `cv2`.

    Raises:
        ImportError: Naming the extra that installs it.
    """
    try:
        import cv2

        cv2.ximgproc.segmentation  # noqa: B018
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"{function} needs OpenCV with its contrib modules: "
            "pip install 'mtvision[proposals]'. The package opencv-python, "
            "which has none of them, must be removed first."
        ) from error
    return cv2


def standardize_picture(image, size):
    """An image as OpenCV's searches take it.

    Args:
        image: (H, W, 3) or (H, W, 1), uint8 or float, 0 to 255.
        size: Pixels of the longer side to resize it to, or `None`.

    Returns:
        `(picture, scale)`: uint8 (h, w, 3), RGB, and its pixels for each of
        the image's, (x, y).

    Raises:
        ValueError: If the image or the size is malformed.

    Example:

    >>> picture, scale = standardize_picture(np.zeros((8, 16, 3)), 32)
    >>> picture.shape, scale.tolist()
    ((16, 32, 3), [2.0, 2.0])
    """
    image = np.asarray(image)
    checks.check_image(image)
    if image.shape[-1] not in (1, 3):
        raise ValueError(
            "Expected an image (H, W, 3), or (H, W, 1) of grey values, "
            f"received shape {image.shape}. Leave out an alpha channel: "
            "image[..., :3]."
        )
    picture = image
    if size is not None:
        require_count(size, 1, "size")
        factor = size / max(image.shape[:2])
        inner = [max(1, round(side * factor)) for side in image.shape[:2]]
        picture = resize_image(image, inner)
    if picture.dtype != np.uint8:
        picture = np.clip(np.rint(picture), 0, 255).astype("uint8")
    picture = np.broadcast_to(picture, (*picture.shape[:2], 3))
    scale = np.array(picture.shape[1::-1]) / image.shape[1::-1]
    return np.ascontiguousarray(picture), scale


def finish_rows(boxes, scale, image_shape, number, min_side):
    """The first boxes that are large enough, each once, and padding.

    Args:
        boxes: (M, 4), x, y, width, height in pixels of the picture, by
            falling score.
        scale: As `standardize_picture` gives it.
        image_shape: Shape of the image, (H, W, C).
        number: P.
        min_side: Pixels of the image that the shorter side must have.

    Returns:
        Float32 array (P, 4), xyxy in pixels of the image, zeros in padding.

    Example:

    >>> boxes = np.array([[0, 0, 8, 8], [0, 0, 8, 8], [2, 2, 20, 1]])
    >>> finish_rows(boxes, np.array([2, 2]), (8, 8, 3), 2, 1).tolist()
    [[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 0.0, 0.0]]
    """
    boxes = np.reshape(boxes, (-1, 4)).astype("float64")
    boxes[:, 2:] += boxes[:, :2]
    boxes = boxes / np.tile(scale, 2)
    boxes = checks.clip_boxes(boxes, image_shape).astype("float32")
    sides = (boxes[:, 2:] - boxes[:, :2]).min(axis=-1)
    boxes = boxes[(sides >= min_side) & (sides > 0)]
    _, first = np.unique(boxes, axis=0, return_index=True)
    boxes = boxes[np.sort(first)][:number]
    return np.pad(boxes, ((0, number - len(boxes)), (0, 0)))


def check_options(number, min_side):
    """Raises unless `finish_rows` can use the options.

    Args:
        number: P.
        min_side: Pixels.

    Raises:
        ValueError: If one is out of range.

    Example:

    >>> check_options(100, 0)
    """
    require_count(number, 1, "number")
    require_not_negative(min_side, "min_side")
