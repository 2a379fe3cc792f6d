"""Soft shapes in a grid of voxels."""

import itertools

import numpy as np


def voxel_centres(size, spacing):
    """Centres of voxels, in millimetres from the centre of the volume.

    Args:
        size: Voxels along each axis, (D, H, W).
        spacing: Millimetres from voxel to voxel along each axis.

    Returns:
        Array (D, H, W, 3), float32, z, y, x.

    Example:

    >>> voxel_centres((1, 1, 2), (1.0, 1.0, 3.0))[0, 0].tolist()
    [[0.0, 0.0, -1.5], [0.0, 0.0, 1.5]]
    """
    axes = [
        (np.arange(number) + 0.5 - number / 2) * step
        for number, step in zip(size, spacing)
    ]
    grid = np.meshgrid(*axes, indexing="ij")
    return np.stack(grid, axis=-1).astype("float32")


def egg(places, centre, axes, radii, *, taper=0.0):
    """How far places are outside of an ellipsoid with a blunter end.

    Args:
        places: Array (..., 3).
        centre: Array (3,).
        axes: Array (3, 3), its directions as rows; the first is that in which
            it gets wider.
        radii: Its three half lengths.
        taper: By which share it is wider at the first end than in the middle,
            and narrower at the other.

    Returns:
        Array (...): about the distance from its surface, below 0 inside.

    Example:

    >>> place = np.array([[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> egg(place, np.zeros(3), np.eye(3), (2.0, 1.0, 1.0)).tolist()
    [0.5, -1.0]
    """
    local = (places - centre) @ np.asarray(axes, places.dtype).T
    local = local / np.asarray(radii, places.dtype)
    width = 1 + taper * np.clip(local[..., :1], -1, 1)
    around = np.concatenate([local[..., :1], local[..., 1:] / width], axis=-1)
    return (np.linalg.norm(around, axis=-1) - 1) * min(radii)


def tube(places, points, radius):
    """How far places are outside of a tube along a line of points.

    Args:
        places: Array (..., 3).
        points: Array (N, 3), the corners of the line.
        radius: Its half width.

    Returns:
        Array (...): the distance from its surface, below 0 inside.

    Example:

    >>> line = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]])
    >>> tube(np.array([[0.0, 3.0, 2.0], [0.0, 0.0, 6.0]]), line, 1.0).tolist()
    [2.0, 1.0]
    """
    nearest = np.full(places.shape[:-1], np.inf, places.dtype)
    for start, stop in itertools.pairwise(points):
        way = (stop - start).astype(places.dtype)
        start = start.astype(places.dtype)
        share = np.clip((places - start) @ way / (way @ way), 0, 1)
        away = places - start - share[..., None] * way
        nearest = np.minimum(nearest, np.linalg.norm(away, axis=-1))
    return nearest - radius


def soften(distance, blur):
    """From distances to a share of 1 inside to 0 outside.

    Args:
        distance: Array, from a surface, below 0 inside.
        blur: How far outside the share has fallen to 0.27.

    Returns:
        Array.

    Example:

    >>> soften(np.array([-9.0, 0.0, 9.0]), 0.5).round(3).tolist()
    [1.0, 0.5, 0.0]
    """
    return 1 / (1 + np.exp(np.clip(distance / blur, -30, 30)))


def curve(start, bend, stop, number=9):
    """Points on a smooth curve that begins towards `bend`.

    Args:
        start: Array (3,).
        bend: Array (3,).
        stop: Array (3,).
        number: N, 2 or more.

    Returns:
        Array (N, 3), the first is `start` and the last `stop`.

    Example:

    >>> curve(np.zeros(3), np.ones(3), 2 * np.ones(3), 3)[:, 0].tolist()
    [0.0, 1.0, 2.0]
    """
    t = np.linspace(0, 1, number)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * stop
