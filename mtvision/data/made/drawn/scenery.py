"""What is behind and before a drawn figure: clutter, light and noise."""

import numpy as np

from mtvision.data.made.drawn import shapes
from mtvision.data.made.drawn.brush import Brush

# Most shapes behind a figure.
MOST = 8


def draw_clutter(size, rng):
    """Draws a picture of a slope of colours, with lines and patches on it.

    Args:
        size: Side of the picture, pixels.
        rng: A `numpy.random.Generator`.

    Returns:
        Array (size, size, 3), float32, about 0 to 255.

    Example:

    >>> draw_clutter(32, np.random.default_rng(0)).shape
    (32, 32, 3)
    """
    first, second = rng.uniform(20, 235, (2, 3))
    share = slope(size, rng)[..., None]
    picture = (first + share * (second - first)).astype("float32")
    brush = Brush(picture, scale=size)
    for _ in range(rng.integers(2, MOST + 1)):
        colour = picture.mean(axis=(0, 1)) + rng.uniform(-90, 90, 3)
        brush.paint(_any_shape(rng), colour, share=rng.uniform(0.4, 1.0))
    return picture


def slope(size, rng):
    """A slope from 0 to 1 along any direction.

    Args:
        size: Side, pixels.
        rng: A `numpy.random.Generator`.

    Returns:
        Array (size, size), float32.

    Example:

    >>> found = slope(8, np.random.default_rng(0))
    >>> float(found.min()), float(found.max())
    (0.0, 1.0)
    """
    angle = rng.uniform(0, 2 * np.pi)
    steps = np.arange(size, dtype="float32")
    ramp = np.cos(angle) * steps + np.sin(angle) * steps[:, None]
    return (ramp - ramp.min()) / np.ptp(ramp)


def take_photo(picture, rng, *, light=0.25, noise=6.0):
    """Lights a drawn picture from one side, colours the light, adds noise.

    Args:
        picture: Array (H, H, 3).
        rng: A `numpy.random.Generator`.
        light: By which share brightness and colour change at most.
        noise: Largest standard deviation of the noise.

    Returns:
        Array (H, H, 3), uint8.

    Example:

    >>> grey = np.full((8, 8, 3), 99.0)
    >>> take_photo(grey, np.random.default_rng(0)).dtype
    dtype('uint8')
    """
    colour = 1 + rng.uniform(-light, light) + rng.uniform(-0.3, 0.3, 3) * light
    side = rng.uniform(0, light) * (slope(len(picture), rng) - 0.5)
    lit = picture * (colour + side[..., None])
    grain = rng.standard_normal(picture.shape, dtype="float32")
    noisy = lit + rng.uniform(0, noise) * grain
    return np.clip(np.rint(noisy), 0, 255).astype("uint8")


def _any_shape(rng):
    x, y = rng.uniform(0, 1, 2)
    kind = rng.integers(3)
    if kind == 0:
        radii = rng.uniform(0.03, 0.2, 2)
        return shapes.ellipse((x, y), radii, turn=rng.uniform(0, np.pi))
    if kind == 1:
        return shapes.line(rng.uniform(0, 1, (2, 2)), rng.uniform(0.005, 0.03))
    corners = np.add((x, y), rng.uniform(-0.22, 0.22, (4, 2)))
    middle = corners - corners.mean(axis=0)
    order = np.argsort(np.arctan2(middle[:, 1], middle[:, 0]))
    return shapes.polygon(corners[order])
