"""pycocotools: its modules, its silence, its masks."""

import contextlib
import io

import numpy as np


def coco_tools():
    """The modules of pycocotools.

    Returns:
        `(coco, cocoeval, mask)`.

    Raises:
        ImportError: If it is not installed.

    Example:

    >>> len(coco_tools())
    3
    """
    try:
        from pycocotools import coco, cocoeval, mask
    except ImportError as error:
        raise ImportError(
            "COCO's evaluation needs pycocotools: pip install 'mtvision[coco]'."
        ) from error
    return coco, cocoeval, mask


def quietly():
    """A context in which nothing is printed: pycocotools tells each step.

    Example:

    >>> with quietly():
    ...     print("creating index...")
    """
    return contextlib.redirect_stdout(io.StringIO())


def encode_masks(masks):
    """Turns masks into compressed run lengths.

    Args:
        masks: Array (M, H, W), uint8 or bool, 1 inside, or floats, inside
            above 0.5; or a list of run lengths, compressed or not.

    Returns:
        List of M dicts with `"size"` and `"counts"` (bytes).

    Raises:
        ImportError: If pycocotools is missing.

    Example:

    >>> encode_masks(np.ones((1, 2, 3), "uint8"))[0]["size"]
    [2, 3]
    """
    mask = coco_tools()[2]
    if isinstance(masks, list):
        return [
            mask.frPyObjects(each, *each["size"])
            if isinstance(each["counts"], list)
            else {**each, "size": [int(side) for side in each["size"]]}
            for each in masks
        ]
    if not len(masks):
        return []
    limit = 0.5 if masks.dtype.kind == "f" else 0
    inside = np.moveaxis(masks > limit, 0, -1)
    return mask.encode(np.asfortranarray(inside, "uint8"))
