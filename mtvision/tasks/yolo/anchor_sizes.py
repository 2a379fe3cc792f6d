"""Anchor sizes given as options."""

import numpy as np

from mtvision.ops.pyramids import level_stride


def read_anchors(anchors):
    """Checks the anchors of a head.

    Args:
        anchors: Dict from levels to (K, 2), widths and heights in pixels.

    Returns:
        Dict from levels, fine to coarse, to lists of pairs of floats.

    Raises:
        ValueError: If it is no such dict.

    Example:

    >>> read_anchors({"P5": np.array([[40, 60]])})
    {'P5': [[40.0, 60.0]]}
    """
    if not isinstance(anchors, dict) or not anchors:
        raise ValueError(
            "Expected anchors as a dict from levels to sizes, such as "
            f"{{'P5': [[40, 60]]}}; received {anchors!r}."
        )
    levels = sorted(anchors, key=level_stride)
    return {level: read_sizes(anchors[level], level) for level in levels}


def read_sizes(sizes, where="anchors"):
    """Checks the sizes of some anchors.

    Args:
        sizes: (K, 2), widths and heights in pixels.
        where: What they are, for the message.

    Returns:
        List of pairs of floats.

    Raises:
        ValueError: If there are none, they are not positive, or all are below
            a pixel, as shares of the image are.

    Example:

    >>> read_sizes(np.array([[40, 60]]))
    [[40.0, 60.0]]
    """
    try:
        array = np.asarray(sizes, "float64")
    except (TypeError, ValueError):
        array = np.zeros(())
    fits = array.ndim == 2 and array.shape[1] == 2 and len(array)
    if not fits or not (np.isfinite(array) & (array > 0)).all():
        raise ValueError(
            f"Expected the sizes of {where} as (K, 2), positive widths and "
            f"heights in pixels, received {sizes!r}. ops.cluster_anchors "
            "finds some that fit a data set."
        )
    if (array < 1).all():
        raise ValueError(
            f"Expected the sizes of {where} in pixels of the image, received "
            f"{array.tolist()}, all below 1: they look like shares of the "
            "image. Multiply them by its width and height."
        )
    return array.tolist()
