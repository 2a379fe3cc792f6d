"""Shapes of the plane, each a function of places, for `Brush`."""

import itertools
import typing

import numpy as np


class Shape(typing.NamedTuple):
    """A part of the plane.

    Attributes:
        outside: Function of arrays x and y, which gives how far each place is
            outside, below 0 inside.
        centre: x, y of a circle around the shape.
        reach: Radius of the circle.
    """

    outside: typing.Callable
    centre: tuple
    reach: float


def ellipse(centre, radii, *, turn=0.0):
    """An ellipse.

    Args:
        centre: x, y.
        radii: Half lengths along x and y, before it is turned.
        turn: Angle in radians, clockwise where y points down.

    Returns:
        A `Shape`, whose distances are right where the radii are alike.

    Example:

    >>> float(ellipse((1, 0), (2, 2)).outside(4, 0))
    1.0
    """
    cosine, sine = float(np.cos(turn)), float(np.sin(turn))
    radii, centre = _floats(radii), _floats(centre)

    def outside(x, y):
        x, y = x - centre[0], y - centre[1]
        along = (cosine * x + sine * y) / radii[0]
        across = (cosine * y - sine * x) / radii[1]
        return (np.sqrt(along**2 + across**2) - 1) * min(radii)

    return Shape(outside, centre, max(radii))


def egg(centre, radii, *, taper=0.0, power=2.0):
    """An ellipse that is narrower below its centre, or squarer.

    Args:
        centre: x, y.
        radii: Half lengths along x and y.
        taper: By which share its lower end is narrower than its centre.
        power: 2 for round, more for squarer.

    Returns:
        A `Shape`.

    Example:

    >>> float(egg((0, 0), (2, 2), power=4.0).outside(2, 0))
    0.0
    """
    radii, centre = _floats(radii), _floats(centre)

    def outside(x, y):
        y = (y - centre[1]) / radii[1]
        width = radii[0] * (1 - taper * np.clip(y, 0, 1.2))
        x = (x - centre[0]) / width
        radius = (np.abs(x) ** power + np.abs(y) ** power) ** (1 / power)
        return (radius - 1) * min(radii)

    return Shape(outside, centre, 1.2 * max(radii))


def egg_edge(centre, radii, *, taper=0.0, power=2.0, number=64):
    """Places around an `egg`.

    Args:
        centre: x, y.
        radii: Half lengths along x and y.
        taper: See `egg`.
        power: See `egg`.
        number: N.

    Returns:
        Array (N, 2).

    Example:

    >>> egg_edge((0, 0), (2, 1), number=4).round(6).tolist()
    [[2.0, 0.0], [0.0, 1.0], [-2.0, 0.0], [-0.0, -1.0]]
    """
    angles = np.arange(number) * 2 * np.pi / number
    x, y = np.cos(angles), np.sin(angles)
    length = (np.abs(x) ** power + np.abs(y) ** power) ** (-1 / power)
    x, y = x * length, y * length
    width = radii[0] * (1 - taper * np.clip(y, 0, 1.2))
    return np.stack([centre[0] + x * width, centre[1] + y * radii[1]], axis=-1)


def line(points, width, *, end_width=None):
    """A line of round ends along points.

    Args:
        points: Array (N, 2), N 2 or more.
        width: Half of its width.
        end_width: Half of its width at the end, if it is another.

    Returns:
        A `Shape`.

    Example:

    >>> float(line([[0, 0], [4, 0]], 1.0).outside(2, 3))
    2.0
    """
    points = np.asarray(points, "float64")
    widths = np.full(len(points), width, "float64")
    if end_width is not None:
        widths = np.linspace(width, end_width, len(points))
    pieces = list(zip(points.tolist(), widths.tolist()))

    def outside(x, y):
        found = np.inf
        for (start, wide), (stop, narrow) in itertools.pairwise(pieces):
            share, distance = _from_line(x, y, start, stop)
            found = np.minimum(found, distance - wide - share * (narrow - wide))
        return found

    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    reach = np.linalg.norm(points - centre, axis=-1).max() + widths.max()
    return Shape(outside, tuple(centre), float(reach))


def polygon(corners, *, rounding=0.0):
    """A polygon.

    Args:
        corners: Array (N, 2), N 3 or more, in either direction.
        rounding: By how much it is grown, with round corners.

    Returns:
        A `Shape`.

    Example:

    >>> square = polygon([[0, 0], [4, 0], [4, 4], [0, 4]])
    >>> float(square.outside(2, 1)), float(square.outside(6, 2))
    (-1.0, 2.0)
    """
    corners = np.asarray(corners, "float64")
    places = corners.tolist()
    edges = list(zip(places, places[1:] + places[:1]))

    def outside(x, y):
        nearest, inside = np.inf, False
        for start, stop in edges:
            nearest = np.minimum(nearest, _from_line(x, y, start, stop)[1])
            # An edge that a ray from the place to the right crosses.
            between = (start[1] > y) != (stop[1] > y)
            slope = (stop[0] - start[0]) / (stop[1] - start[1] or 1)
            inside ^= between & (x < start[0] + slope * (y - start[1]))
        return np.where(inside, -nearest, nearest) - rounding

    centre = (corners.min(axis=0) + corners.max(axis=0)) / 2
    reach = np.linalg.norm(corners - centre, axis=-1).max() + rounding
    return Shape(outside, tuple(centre), float(reach))


def both(first, second):
    """What is in two shapes.

    Example:

    >>> small, large = ellipse((0, 0), (1, 1)), ellipse((0, 0), (3, 3))
    >>> float(both(small, large).outside(0, 0))
    -1.0
    """
    return Shape(
        lambda x, y: np.maximum(first.outside(x, y), second.outside(x, y)),
        first.centre,
        first.reach,
    )


def either(first, second):
    """What is in one of two shapes, or in both.

    Example:

    >>> left, right = ellipse((0, 0), (1, 1)), ellipse((2, 0), (1, 1))
    >>> float(either(left, right).outside(2, 0))
    -1.0
    """
    centre = np.add(first.centre, second.centre) / 2
    apart = np.linalg.norm(np.subtract(first.centre, second.centre)) / 2
    return Shape(
        lambda x, y: np.minimum(first.outside(x, y), second.outside(x, y)),
        tuple(centre),
        float(apart + max(first.reach, second.reach)),
    )


def without(first, second):
    """What is in the first shape and not in the second.

    Example:

    >>> small, large = ellipse((0, 0), (1, 1)), ellipse((0, 0), (3, 3))
    >>> float(without(large, small).outside(0, 0))
    1.0
    """
    return Shape(
        lambda x, y: np.maximum(first.outside(x, y), -second.outside(x, y)),
        first.centre,
        first.reach,
    )


def curve(start, bend, stop, number=6):
    """Points on a smooth curve, a parabola that is drawn towards `bend`.

    Args:
        start: x, y.
        bend: x, y.
        stop: x, y.
        number: N.

    Returns:
        Array (N, 2), the first is `start` and the last `stop`.

    Example:

    >>> curve((0, 0), (1, 2), (2, 0), 3).tolist()
    [[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]]
    """
    t = np.linspace(0, 1, number)[:, None]
    start, bend, stop = np.asarray([start, bend, stop], "float64")
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * stop


def _from_line(x, y, start, stop):
    """Share of the way from start to stop, and distance, of places."""
    way = stop[0] - start[0], stop[1] - start[1]
    x, y = x - start[0], y - start[1]
    length = max(way[0] ** 2 + way[1] ** 2, 1e-12)
    share = np.clip((x * way[0] + y * way[1]) / length, 0, 1)
    return share, np.hypot(x - share * way[0], y - share * way[1])


def _floats(numbers):
    """Python's own, which leave arrays of float32 what they are."""
    return tuple(float(number) for number in numbers)
