"""Checks of truth boxes that are numpy arrays still."""

import numpy as np

from mtvision.ops.box_faults import TOLERANCE
from mtvision.ops.truth_checks import first_sample


def check_inside(boxes, image_size):
    """Raises if a box does not fit the image size that a loss was told.

    Args:
        boxes: Array (B, M, 4), xyxy in pixels, NaN where there is none.
        image_size: Pair (H, W), in pixels.

    Raises:
        ValueError: Naming the first such sample.

    Example:

    >>> check_inside(np.array([[[0.0, 0.0, 8.0, 8.0]]]), (16, 16))
    """
    height, width = image_size
    limits = np.array([width, height]) + TOLERANCE
    sample = first_sample(boxes, lambda b: b[..., 2:] > limits)
    if sample is not None:
        raise ValueError(
            f"sample {sample} has a box beyond the {height} x {width} pixels "
            "(height x width) that the loss was told as image_size. Give it "
            "the size that the model is built for: models.yolo_v1_losses "
            "reads it from the model."
        )
