"""Weights of pixels that teach a network the gaps between objects."""

import numpy as np

from mtvision.ops.option_checks import require_above_zero, require_not_negative


def border_weights(objects, *, factor=10.0, sigma=5.0, balance=True):
    """U-Net's weights of pixels: large in narrow gaps between objects.

    `w = w_c + factor * exp(-(d1 + d2) ** 2 / (2 sigma ** 2))`, where d1 and
    d2 are the distances to the nearest and the second nearest object, in
    pixels from centre to centre. The second term is for the background only,
    and 0 where there are fewer than two objects.

    They become a field of the samples, which moves along when `Batches`
    changes the image, as every map of its size. Find them once, before
    training: an object takes one distance transform of the image.

    Args:
        objects: Array (H, W) with a number for each object, 0 or less for
            the background; or masks (M, H, W), where the background is what
            none covers.
        factor: w0, how much a gap of no width weighs.
        sigma: Width of a gap, in pixels, that still matters.
        balance: Whether w_c makes objects and background weigh the same in
            sum, w_c = H W / 2 N for N pixels of a kind; if not, w_c is 1.

    Returns:
        Float32 array (H, W).

    Raises:
        ValueError: If the shape is another, or an option is out of range.

    Example:

    >>> cells = np.array([[1, 1, 0, 2, 2, 0, 0, 0]])
    >>> border_weights(cells, balance=False).astype(int).tolist()
    [[1, 1, 10, 1, 1, 7, 4, 2]]

    A source with such a field, for `Batches` and a loss:

    >>> source = [
    ...     {"image": np.zeros((1, 8, 3)), "mask": (cells > 0).astype(int)}
    ... ]
    >>> weighted = [{**s, "weights": border_weights(cells)} for s in source]
    >>> targets = {"cells": {"labels": "mask", "weights": "weights"}}

    Reference:
        Ronneberger et al., U-Net, 2015, equation 2, whose numbers are the
        defaults.
    """
    objects = np.asarray(objects)
    if objects.ndim not in (2, 3):
        raise ValueError(
            "Expected a map of object numbers (H, W) or masks (M, H, W), "
            f"received the shape {objects.shape}."
        )
    if objects.ndim == 3 and objects.shape[-1] == 1 < len(objects):
        raise ValueError(
            "Expected a map of object numbers (H, W), or masks with their "
            f"number first, (M, H, W); received the shape {objects.shape}. "
            "Give objects[..., 0]."
        )
    whole = objects.dtype.kind in "iu"
    if objects.ndim == 3 and whole and len(np.unique(objects[objects > 0])) > 1:
        raise ValueError(
            "Expected masks (M, H, W) of zeros and ones, received the numbers "
            f"up to {objects.max()}. Give a batch's maps of object numbers one "
            "by one."
        )
    require_above_zero(sigma, "sigma")
    require_not_negative(factor, "factor")
    inside = objects > 0
    if objects.ndim == 3:
        inside = inside.any(axis=0)
    weights = np.ones(inside.shape)
    if balance:
        number = np.where(inside, inside.sum(), (~inside).sum())
        weights = inside.size / (2.0 * number)
    reach = np.exp(-(_two_distances(objects) ** 2) / (2.0 * sigma**2))
    return (weights + factor * np.where(inside, 0, reach)).astype("float32")


def _two_distances(objects):
    """Distance to the nearest object plus that to the second, (H, W)."""
    from scipy.ndimage import distance_transform_edt

    nearest = second = np.full(objects.shape[-2:], np.inf)
    for mask in _masks(objects):
        if mask.any():
            distance = distance_transform_edt(~mask)
            second = np.minimum(second, np.maximum(nearest, distance))
            nearest = np.minimum(nearest, distance)
    return nearest + second


def _masks(objects):
    if objects.ndim == 3:
        return objects > 0
    numbers = np.unique(objects)
    return (objects == number for number in numbers[numbers > 0])
