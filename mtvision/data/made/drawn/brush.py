"""Painting of soft shapes on a picture, in units of its own."""

import numpy as np

# Brightness of a rim by that of what it surrounds.
RIM = 0.55


class Brush:
    """Paints shapes on a picture.

    Args:
        picture: Array (H, W, 3) of floats, which is painted on.
        centre: x, y in pixels of the place that is 0, 0 to the shapes.
        scale: Pixels a unit of the shapes.
        turn: Angle in radians by which the shapes are turned, clockwise.

    Example:

    >>> picture = np.zeros((4, 4, 3))
    >>> from mtvision.data.made.drawn.shapes import polygon
    >>> square = polygon([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    >>> Brush(picture, centre=(2, 2), scale=1.0).paint(square, (9, 0, 0))
    >>> picture[1, :, 0].tolist()
    [0.0, 9.0, 9.0, 0.0]
    """

    def __init__(self, picture, *, centre=(0.0, 0.0), scale=1.0, turn=0.0):
        self.picture = picture
        self.centre = np.asarray(centre, "float64")
        self.scale = float(scale)
        cosine, sine = np.cos(turn), np.sin(turn)
        self._axes = scale * np.array([[cosine, sine], [-sine, cosine]])
        rows = np.arange(picture.shape[0]) + 0.5 - self.centre[1]
        columns = np.arange(picture.shape[1]) + 0.5 - self.centre[0]
        across, down = np.meshgrid(columns, rows)
        self._x = ((cosine * across + sine * down) / scale).astype("float32")
        self._y = ((cosine * down - sine * across) / scale).astype("float32")

    def to_pixels(self, points):
        """From the units of shapes to pixels.

        Args:
            points: Array (..., 2).

        Returns:
            Array (..., 2).
        """
        return np.asarray(points, "float64") @ self._axes + self.centre

    def paint(self, shape, colour, *, share=1.0, blur=1.0, rim=0.0):
        """Covers what is inside of a shape.

        Args:
            shape: A `Shape`.
            colour: Red, green, blue, 0 to 255.
            share: How opaque it is, 0 to 1.
            blur: Width of its edge, pixels.
            rim: Width of a darker rim around it, in units of the shape.
        """
        reach = (shape.reach + rim) * self.scale + blur
        middle = self.to_pixels(shape.centre)
        left, top = np.maximum(np.floor(middle - reach), 0).astype(int)
        right, bottom = np.maximum(np.ceil(middle + reach), 0).astype(int)
        part = slice(top, bottom), slice(left, right)
        x, y = self._x[part], self._y[part]
        if not x.size:
            return
        outside = shape.outside(x, y)
        old = self.picture[part]
        colour = np.asarray(colour, "float32")
        if rim:
            _mix(old, (outside - rim) * (self.scale / blur), RIM * colour)
        _mix(old, outside * (self.scale / blur), colour, share)


def _mix(picture, distance, colour, share=1.0):
    """Paints with soft edges, given distances from the edge in their width."""
    cover = np.clip(0.5 - distance, 0, share)[..., None]
    picture += cover * (colour - picture)
