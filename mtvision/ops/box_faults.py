"""What is wrong with boxes that are numpy arrays still."""

import numpy as np

from mtvision.ops.truth_checks import first_sample

# Pixels that a box may reach beyond the image: rounding of coordinates that
# were stored as shares of the width.
TOLERANCE = 0.01


def box_faults(boxes, image_shape, *, tolerance=TOLERANCE):
    """What is wrong with each box.

    Args:
        boxes: (..., 4) xyxy in pixels.
        image_shape: Shape of the image, (H, W, ...), or `None` if it is not
            known, so that no box is outside of it.
        tolerance: Pixels that a box may reach beyond the image.

    Returns:
        Dict of (...) bool arrays, at most one of them true for a box:
        `"non-finite"`, `"inverted or without area"`, `"outside of the image"`
        (wholly) and `"partly outside of the image"`.

    Example:

    >>> faults = box_faults(np.array([[5, 0, 2, 4]]), (9, 9, 3))
    >>> [name for name, found in faults.items() if found.any()]
    ['inverted or without area']
    """
    height, width = (image_shape or (np.inf, np.inf))[:2]
    boxes = np.asarray(boxes, "float64")
    infinite = ~np.isfinite(boxes).all(-1)
    x1, y1, x2, y2 = np.moveaxis(np.where(infinite[..., None], 0, boxes), -1, 0)
    empty = ~infinite & ((x2 <= x1) | (y2 <= y1))
    sound = ~infinite & ~empty
    gone = (x2 <= 0) | (y2 <= 0) | (x1 >= width) | (y1 >= height)
    beyond = (
        (np.minimum(x1, y1) < -tolerance)
        | (x2 > width + tolerance)
        | (y2 > height + tolerance)
    )
    if image_shape is None:
        gone, beyond = np.zeros_like(gone), np.zeros_like(beyond)
    return {
        "non-finite": infinite,
        "inverted or without area": empty,
        "outside of the image": sound & gone,
        "partly outside of the image": sound & beyond & ~gone,
    }


def check_boxes(boxes, image_shape=None):
    """Raises unless boxes are sound and within their images.

    Args:
        boxes: Array (B, ..., 4), xyxy in pixels. One that holds a NaN is a
            missing label.
        image_shape: Shape of the images, (H, W), or `None` if it is not
            known. Boxes may reach a pixel beyond.

    Raises:
        ValueError: Naming the sample, the box and its fault.

    Example:

    >>> check_boxes(np.array([[0.0, 0, 9, 5], [np.nan] * 4]), (8, 8))
    """

    def faults_of(boxes):
        return box_faults(boxes, image_shape, tolerance=1.0)

    def is_bad(boxes):
        faulty = np.any(list(faults_of(boxes).values()), axis=0)
        return faulty & ~np.isnan(boxes).any(-1)

    sample = first_sample(boxes, is_bad)
    if sample is None:
        return
    row = boxes[sample].reshape(-1, 4)
    box = row[is_bad(row)][0]
    fault = next(name for name, found in faults_of(box).items() if found)
    within = ""
    if image_shape is not None:
        within = " in an image of {} x {} (height x width)".format(*image_shape)
    raise ValueError(
        f"sample {sample} has a box that is {fault}: {box.tolist()}{within}. "
        "Expected x1, y1, x2, y2 in pixels of the image as the model gets it, "
        "with x1 < x2 and y1 < y2, clipped at its edges; NaN where the box is "
        "not known."
    )
