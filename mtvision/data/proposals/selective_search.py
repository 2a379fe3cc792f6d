"""Selective search: segments that grow into objects."""

import numpy as np

from mtvision.data.proposals.pictures import (
    check_options,
    contrib,
    finish_rows,
    standardize_picture,
)
from mtvision.ops.option_checks import require_above_zero

MODES = ("single", "fast", "quality")


def selective_search(
    image,
    *,
    number=2000,
    size=None,
    min_side=8,
    mode="fast",
    segment_size=150,
    sigma=0.8,
):
    """Proposes boxes around segments, which are merged by likeness.

    The picture is cut into small segments of one colour; the two neighbours
    that are most alike, in colour, texture, size and how well they fill each
    other, are merged until one is left. The box of each segment on the way is
    a proposal. The search says of none that it is better than another: they
    come in an order that was drawn once and for all, so that the first of
    them are boxes of all sizes.

    Args:
        image: (H, W, 3) or (H, W, 1), uint8 or float, 0 to 255.
        number: P, rows of the result.
        size: Pixels of the longer side of the picture that is searched,
            `None` for the image as it is; R-CNN takes 500 pixels of width.
            In small images more is found when they are searched in 128 or
            256 pixels.
        min_side: Shortest side of a proposal, in pixels of the image.
        mode: `"single"` for one way to segment and to compare, `"fast"` or
            `"quality"` for several, whose proposals are joined.
        segment_size: Larger for larger segments to begin with, and so for
            fewer proposals.
        sigma: Pixels by which the picture is smoothed before.

    Returns:
        Float32 array (P, 4), xyxy in pixels of the image; zeros in rows of
        padding, which come last. The same for every call.

    Raises:
        ImportError: If OpenCV's contrib modules are not there.
        ValueError: If the image or an option is malformed.

    Example:

    >>> image = np.zeros((48, 64, 3), "uint8")
    >>> image[8:32, 16:40] = 255
    >>> boxes = mtv.data.selective_search(image, number=5, sigma=0.1)
    >>> [16, 8, 40, 32] in boxes.round().tolist()
    True

    Reference:
        Uijlings et al., Selective Search for Object Recognition, 2013, as
        OpenCV computes it; its order is random there.
    """
    check_options(number, min_side)
    require_above_zero(segment_size, "segment_size")
    require_above_zero(sigma, "sigma")
    if mode not in MODES:
        raise ValueError(
            f"Expected mode to be one of {MODES}, received mode={mode!r}."
        )
    cv2 = contrib("selective_search")
    picture, scale = standardize_picture(image, size)
    segmentation = cv2.ximgproc.segmentation
    search = segmentation.createSelectiveSearchSegmentation()
    search.setBaseImage(picture[..., ::-1].copy())
    k, sigma = int(segment_size), float(sigma)
    if mode == "single":
        search.switchToSingleStrategy(k, sigma)
    elif mode == "fast":
        search.switchToSelectiveSearchFast(k, k, sigma)
    else:
        search.switchToSelectiveSearchQuality(k, k, sigma)
    found = np.reshape(search.process(), (-1, 4))
    # OpenCV gives the same boxes each time, but shuffles them.
    found = np.unique(found, axis=0)
    order = np.random.default_rng(0).permutation(len(found))
    return finish_rows(found[order], scale, np.shape(image), number, min_side)
