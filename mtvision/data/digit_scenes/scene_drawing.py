"""Canvases and digits as arrays of numbers, for `scene_composition`.

Only additions, multiplications, divisions and comparisons touch a pixel, each
exact in IEEE arithmetic: every machine draws the same bytes.
"""

import numpy as np

# Chalk on a dark board: every digit is brighter than its canvas, so that a
# small network learns in minutes what it is to look for.
PALETTE = {
    "red": (255, 105, 95),
    "green": (95, 225, 110),
    "blue": (110, 165, 255),
    "yellow": (250, 230, 80),
    "orange": (255, 160, 60),
    "purple": (200, 140, 255),
    "cyan": (90, 230, 235),
    "pink": (255, 150, 205),
    "white": (250, 250, 250),
}
DARK = 100  # brightest red, green or blue of a canvas' first colour
# Steps of luminance between a digit and any point of its canvas.
CONTRAST = 65


def double(grid):
    """Doubles the resolution smoothly: one step of corner cutting.

    Args:
        grid: Array (H, W) or (H, W, C).

    Returns:
        Array (2H, 2W) or (2H, 2W, C), the same surface sampled twice as
        finely; repeated steps tend to a quadratic B-spline.

    Example:

    >>> double(np.array([[0.0, 4.0]]))[0].tolist()
    [0.0, 1.0, 3.0, 4.0]

    Reference: Chaikin, An Algorithm for High-Speed Curve Generation, 1974.
    """
    for axis in (0, 1):
        rows = np.moveaxis(grid, axis, 0)
        padded = np.concatenate([rows[:1], rows, rows[-1:]])
        near = 0.75 * rows
        pairs = np.stack(
            [near + 0.25 * padded[:-2], near + 0.25 * padded[2:]], axis=1
        )
        rows = pairs.reshape((-1, *rows.shape[1:]))
        grid = np.moveaxis(rows, 0, axis)
    return grid


def draw_digit(scan, size, *, turn=0.0, stretch=1.0):
    """Scales a scan up, turns it and cuts it to its ink.

    Args:
        scan: Array (8, 8) of ink, 0 to 16.
        size: Side of the whole scan on the canvas, pixels.
        turn: Tangent of half the angle of rotation, clockwise.
        stretch: Width divided by height, relative to the scan's.

    Returns:
        Array (h, w) float64, the share of each pixel that ink covers.

    Example:

    >>> scan = np.zeros((8, 8))
    >>> scan[2:6, 3:5] = 16
    >>> draw_digit(scan, 16).max()
    np.float64(1.0)
    """
    fine = double(double(np.pad(np.asarray(scan, "float64"), 1)))
    squared = turn * turn
    cosine = (1 - squared) / (1 + squared)
    sine = 2 * turn / (1 + squared)
    side = int(1.5 * size) + 2
    steps = (np.arange(side) + 0.5 - side / 2) * (8 / size)
    x, y = steps[None, :], steps[:, None]
    ink = _sample(
        fine,
        (cosine * y - sine * x + 5) * 4 - 0.5,
        ((cosine * x + sine * y) / stretch + 5) * 4 - 0.5,
    )
    # An edge rises by some 8 units of ink a cell: soften it over one pixel.
    cover = np.clip((ink - 7) * (size / 64) + 0.5, 0, 1)
    return cover[_extent(cover.any(axis=1)), _extent(cover.any(axis=0))]


def draw_canvas(size, colours, rng, *, strokes=0):
    """Draws a textured square between two colours.

    Args:
        size: Side, pixels.
        colours: Array (2, 3), the two colours, 0 to 255.
        rng: A `numpy.random.Generator`.
        strokes: Most thin lines drawn across it, in colours near its own.

    Returns:
        Array (size, size, 3) float64.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> draw_canvas(32, np.array([[0, 0, 0], [9, 9, 9]]), rng).shape
    (32, 32, 3)
    """
    first, second = np.asarray(colours, "float64")
    pattern = (_noise, _gradient, _stripes)[rng.integers(3)]
    share = 0.7 * pattern(size, rng) + 0.3 * _noise(size, rng)
    canvas = first + share[..., None] * (second - first)
    for _ in range(rng.integers(strokes + 1)):
        colour = first + rng.integers(-40, 41, 3)
        cover = _stroke(size, rng)[..., None]
        canvas = canvas + cover * (colour - canvas)
    return canvas


def choose_colours(count, rng):
    """Chooses the colours of a canvas and of the digits that stand out on it.

    Args:
        count: Number of digits.
        rng: A `numpy.random.Generator`.

    Returns:
        Array (2, 3) of the canvas' two colours and a list of `count` names in
        `PALETTE`, distinct as long as there are enough that stand out.

    Example:

    >>> len(choose_colours(3, np.random.default_rng(0))[1])
    3
    """
    while True:
        first = rng.integers(0, DARK, 3)
        second = np.clip(first + rng.integers(-50, 51, 3), 0, 255)
        canvas = np.stack([first, second])
        names = [
            name for name, rgb in PALETTE.items() if _stands_out(rgb, canvas)
        ]
        if len(names) >= 4:
            break
    rng.shuffle(names)
    return canvas, [names[i % len(names)] for i in range(count)]


def _stands_out(colour, canvas):
    distance = luminance(colour) - luminance(canvas)
    return bool((distance >= CONTRAST).all())


def luminance(colour):
    """Perceived brightness (ITU-R BT.601) of colours (..., 3), 0 to 255.

    Args:
        colour: Array (..., 3) of red, green, blue.

    Returns:
        Array (...).

    Example:

    >>> int(luminance((255, 255, 255)))
    255
    """
    red, green, blue = np.moveaxis(np.asarray(colour), -1, 0)
    return (299 * red + 587 * green + 114 * blue) // 1000


def _sample(grid, rows, columns):
    """Reads a grid between its points, bilinearly; its edge goes on."""
    rows = np.clip(rows, 0, grid.shape[0] - 1.001)
    columns = np.clip(columns, 0, grid.shape[1] - 1.001)
    top, left = rows.astype("int64"), columns.astype("int64")
    down, right = rows - top, columns - left
    upper = grid[top, left] * (1 - right) + grid[top, left + 1] * right
    lower = grid[top + 1, left] * (1 - right) + grid[top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def _extent(used):
    places = np.flatnonzero(used)
    return slice(places[0], places[-1] + 1) if len(places) else slice(0, 0)


def _noise(size, rng):
    grid = rng.random((int(rng.integers(3, 7)),) * 2)
    while len(grid) < size:
        grid = double(grid)
    return grid[:size, :size]


def _ramp(size, rng):
    """Position along a random direction, 0 to 1 over the canvas."""
    x, y = rng.uniform(-1, 1, 2)
    steps = np.arange(size) / (size - 1)
    ramp = x * steps[None, :] + y * steps[:, None]
    low, high = ramp.min(), ramp.max()
    return (ramp - low) / (high - low)


def _gradient(size, rng):
    return _ramp(size, rng)


def _stripes(size, rng):
    phase = (_ramp(size, rng) * rng.uniform(2, 7) + rng.random()) % 1
    return np.clip(np.abs(phase - 0.5) * 6 - 1, 0, 1)


def _stroke(size, rng):
    """Share of each pixel that a random thin straight line covers."""
    (x0, y0), (x1, y1) = rng.uniform(0, size, (2, 2))
    x = np.arange(size)[None, :] + 0.5 - x0
    y = np.arange(size)[:, None] + 0.5 - y0
    across, along = x1 - x0, y1 - y0
    length = across**2 + along**2 + 1e-9
    place = np.clip((x * across + y * along) / length, 0, 1)
    distance = (x - place * across) ** 2 + (y - place * along) ** 2
    width = size * rng.uniform(0.005, 0.015) + 0.4
    return np.clip(width + 0.5 - np.sqrt(distance), 0, 1)
