"""Pictures of pieces of clothing."""

import itertools

import numpy as np

from mtvision.data.made.drawn.brush import Brush
from mtvision.data.made.drawn.shapes import ellipse, polygon

# Right halves of the outlines, from the top down; the left ones mirror them.
OUTLINES = {
    "scarf": [(0.3, -0.85), (0.3, 0.85)],
    "shirt": [
        (0.25, -0.7),
        (0.85, -0.4),
        (0.7, -0.05),
        (0.45, -0.2),
        (0.45, 0.65),
    ],
    "trousers": [(0.4, -0.8), (0.55, 0.8), (0.15, 0.8), (0.0, -0.2)],
    "dress": [(0.2, -0.8), (0.3, -0.2), (0.75, 0.8)],
    "coat": [
        (0.25, -0.8),
        (0.6, -0.65),
        (0.9, 0.25),
        (0.7, 0.35),
        (0.5, -0.1),
        (0.6, 0.85),
    ],
}
# Where stains fit on every piece: x, y and half of the ranges.
STAINED = {
    "scarf": (0.0, 0.0, 0.18, 0.7),
    "shirt": (0.0, 0.1, 0.33, 0.45),
    "trousers": (0.0, -0.5, 0.3, 0.22),
    "dress": (0.0, 0.4, 0.35, 0.3),
    "coat": (0.0, 0.1, 0.38, 0.6),
}
MARGIN = 0.3


def draw_garment(rng, kind, stains, size):
    """Draws one piece on a plain ground.

    Args:
        rng: Random generator.
        kind: Key of `OUTLINES`.
        stains: Number of dark stains on it.
        size: Pixels along each side.

    Returns:
        Array (size, size, 3), uint8.

    Example:

    >>> draw_garment(np.random.default_rng(0), "coat", 2, 32).shape
    (32, 32, 3)
    """
    ground, cloth = rng.uniform(170, 235, 3), rng.uniform(60, 150, 3)
    # One of the colours is strong, so that the ground is another.
    cloth[rng.integers(3)] += rng.uniform(30, 90)
    picture = np.ones((size, size, 3)) * ground
    brush = Brush(
        picture,
        centre=size * (0.5 + rng.uniform(-0.04, 0.04, 2)),
        scale=size * rng.uniform(0.42, 0.5),
        turn=rng.uniform(-0.2, 0.2),
    )
    brush.paint(polygon(_outline(kind)), cloth)
    for place in _places(rng, kind, stains):
        radii = rng.uniform(0.1, 0.13, 2)
        brush.paint(ellipse(place, radii), rng.uniform(5, 30, 3))
    picture += rng.normal(0, 5, picture.shape)
    return np.clip(picture, 0, 255).astype("uint8")


def _outline(kind):
    right = OUTLINES[kind]
    return [*right, *((-x, y) for x, y in reversed(right))]


def _places(rng, kind, number):
    """Places that are apart, so that stains can be counted."""
    *centre, wide, high = STAINED[kind]
    # All are drawn anew, as two may leave no room for a third.
    while True:
        places = centre + rng.uniform(-1, 1, (number, 2)) * (wide, high)
        pairs = itertools.combinations(places, 2)
        if all(np.hypot(*(a - b)) > MARGIN for a, b in pairs):
            return places
