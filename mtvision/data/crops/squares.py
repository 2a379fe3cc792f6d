"""Squares of an image: around an object, and where there is none."""

import numpy as np

# Tries to find a place without an object, the last ones for small squares.
ATTEMPTS = 60
# Sides of such squares, as shares of the shorter side of the image.
SHARES = (0.2, 0.7)
SMALLEST = 8


def square_around(box, margin):
    """The square around a box, of whole pixels.

    Args:
        box: (4,), x1, y1, x2, y2.
        margin: By which share of the longer side of the box it is wider on
            each side.

    Returns:
        x and y of its top left corner, and its side.

    Example:

    >>> square_around((10, 5, 18, 9), 0.25)
    (8, 1, 12)
    """
    x1, y1, x2, y2 = (float(edge) for edge in box)
    # Rounding may make 12 of it that is a little more.
    side = max(1, int(np.ceil(max(x2 - x1, y2 - y1) * (1 + 2 * margin) - 1e-4)))
    left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
    return int(np.floor(left + 0.5)), int(np.floor(top + 0.5)), side


def free_square(shape, boxes, rng):
    """A square within an image that touches no box.

    Args:
        shape: Shape of the image, (H, W, ...).
        boxes: (M, 4), x1, y1, x2, y2.
        rng: A `numpy.random.Generator`.

    Returns:
        x and y of its top left corner, and its side; `None` if no place was
        found.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> x, _, side = free_square((32, 32), np.array([[0, 0, 20, 32]]), rng)
    >>> x >= 20 and x + side <= 32
    True
    """
    height, width = shape[:2]
    boxes = np.asarray(boxes, "float64").reshape(-1, 4)
    for attempt in range(ATTEMPTS):
        share = rng.uniform(*SHARES) * (1 - 0.8 * attempt / ATTEMPTS)
        side = int(min(max(SMALLEST, share * min(shape[:2])), *shape[:2]))
        x = int(rng.integers(width - side + 1))
        y = int(rng.integers(height - side + 1))
        apart = (boxes[:, 0] >= x + side) | (boxes[:, 2] <= x)
        apart |= (boxes[:, 1] >= y + side) | (boxes[:, 3] <= y)
        if (apart | np.isnan(boxes).any(axis=-1)).all():
            return x, y, side
    return None
