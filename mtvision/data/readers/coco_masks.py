"""Masks of COCO objects: polygons and run lengths."""

import numpy as np

from mtvision.data.readers.run_lengths import (
    check_runs,
    decode_runs,
    decompress_runs,
)

# pycocotools walks along a polygon, and keeps 40 bytes for each pixel.
LONGEST_WAY = 1_000_000
# Of the masks of an image together; 100 of 5000 x 5000 have less.
MOST_PIXELS = 2**32


def parse_segmentation(segmentation, shape):
    """Checks the segmentation of an object, and packs it.

    Args:
        segmentation: As COCO has it: a list of polygons [x1, y1, x2, y2,
            ...] in pixels, or a dict of `counts` (a list, or compressed to a
            text) and `size`, [H, W].
        shape: (H, W) of the image.

    Returns:
        List of arrays (2 n,) of polygons, or run lengths: an array, or the
        compressed text, which is not looked into.

    Raises:
        ValueError: If it is malformed, or not of the size of the image.

    Example:

    >>> runs = {"counts": [5, 2, 9], "size": [4, 4]}
    >>> parse_segmentation(runs, (4, 4)).tolist()
    [5, 2, 9]
    """
    if isinstance(segmentation, list):
        polygons = [_parse_polygon(polygon) for polygon in segmentation]
        check_polygons(polygons)
        return polygons
    if not isinstance(segmentation, dict) or "counts" not in segmentation:
        raise ValueError("its segmentation is neither polygons nor run lengths")
    size = segmentation.get("size")
    if not isinstance(size, list | tuple) or list(size) != list(shape):
        raise ValueError(
            f"its segmentation is of size {size}, the image of {list(shape)} "
            "(height, width)"
        )
    counts = segmentation["counts"]
    if isinstance(counts, str | bytes):
        return counts
    check_runs(counts, shape)
    return np.asarray(counts, "int32")


def draw_mask(parsed, shape):
    """The mask of an object.

    Args:
        parsed: As `parse_segmentation` gives it.
        shape: (H, W) of the image.

    Returns:
        Uint8 array (H, W), 0 or 1.

    Raises:
        ValueError: If compressed run lengths are damaged.
        ImportError: If it has polygons, and pycocotools is missing.

    Example:

    >>> draw_mask(np.array([1, 2, 1]), (2, 2)).tolist()
    [[0, 1], [1, 0]]
    """
    if isinstance(parsed, list):
        return fill_polygons(parsed, shape)
    if isinstance(parsed, str | bytes):
        parsed = decompress_runs(parsed)
        check_runs(parsed, shape)
    return decode_runs(parsed, shape)


def fill_polygons(polygons, shape):
    """The union of polygons as a mask, as pycocotools fills them.

    Args:
        polygons: List of arrays x1, y1, x2, y2, ... in pixels.
        shape: (H, W) of the mask.

    Returns:
        Uint8 array (H, W), 0 or 1.

    Raises:
        ImportError: If pycocotools is missing.

    Example:

    >>> square = np.array([1.0, 1, 3, 1, 3, 3, 1, 3])
    >>> fill_polygons([square], (4, 4)).sum().item()
    4
    """
    try:
        from pycocotools import mask
    except ImportError as error:
        raise ImportError(
            "Masks from polygons need pycocotools: pip install pycocotools. "
            "Boxes, classes and masks from run lengths do without."
        ) from error
    polygons = [polygon.tolist() for polygon in polygons]
    return mask.decode(mask.merge(mask.frPyObjects(polygons, *shape)))


def check_polygons(polygons):
    """Raises for polygons that would take gigabytes or seconds to fill.

    Args:
        polygons: List of arrays x1, y1, x2, y2, ... in pixels: of one object.

    Raises:
        ValueError: If one reaches further, or all together are longer, than a
            million pixels.

    Example:

    >>> check_polygons([np.array([1.0, 1, 3, 1, 3, 3])])
    """
    reach = max((np.abs(polygon).max() for polygon in polygons), default=0)
    way = sum(map(_way_around, polygons))
    if reach > LONGEST_WAY or way > LONGEST_WAY:
        raise ValueError(
            f"its polygons reach {reach:.4g} pixels far and are {way:.4g} "
            f"long; expected {LONGEST_WAY} at most. Are their numbers pixels?"
        )


def _way_around(polygon):
    points = polygon.reshape(-1, 2)
    steps = np.abs(points - np.roll(points, 1, axis=0))
    return steps.max(axis=1).sum()


def empty_masks(number, shape):
    """Zeros for the masks of an image.

    Args:
        number: M.
        shape: (H, W) of the image.

    Returns:
        Uint8 array (M, H, W).

    Raises:
        ValueError: If they would take more than four gigabytes.

    Example:

    >>> empty_masks(2, (3, 4)).shape
    (2, 3, 4)
    """
    if number * shape[0] * shape[1] > MOST_PIXELS:
        raise ValueError(
            f"{number} masks of {shape[0]} x {shape[1]} pixels would take more "
            "than 4 GiB; cut the image into tiles, or read without masks"
        )
    return np.zeros((number, *shape), "uint8")


def _parse_polygon(polygon):
    # Four numbers would be taken for a box by pycocotools.
    if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
        raise ValueError(
            "its segmentation has a polygon that is no list of three or more "
            "pairs x, y"
        )
    try:
        points = np.asarray(polygon, "float64")
    except (TypeError, ValueError):
        raise ValueError(
            "its segmentation has a polygon that is not of numbers: "
            f"{polygon!r:.60}"
        ) from None
    if not np.isfinite(points).all():
        raise ValueError("its segmentation has a polygon that is not finite")
    return points
