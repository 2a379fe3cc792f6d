"""An image on axes."""

import numpy as np


def draw_image(axis, image, *, pale=False):
    """Draws an image, without axes around it.

    Args:
        axis: Matplotlib axes.
        image: (H, W, C) with 1, 3 or 4 channels, uint8 or floats from 0 to
            255. The fourth channel is left out.
        pale: Whether to draw it in light grey, as a ground for colours.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_image(axis, np.zeros((4, 6, 1)))
    >>> axis.images[0].get_array().shape
    (4, 6, 3)
    """
    image = np.nan_to_num(np.asarray(image))
    image = np.clip(image, 0, 255).astype("uint8")[..., :3]
    if image.shape[-1] == 1:
        image = image.repeat(3, axis=-1)
    if pale:
        grey = image.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
        image = (95 + 0.6 * grey).astype("uint8")
    axis.imshow(image, interpolation="nearest")
    axis.set_axis_off()


def keep_limits(axis, shape):
    """Keeps the axes on the image, whatever reaches beyond it.

    Args:
        axis: Matplotlib axes.
        shape: Shape of the image, (H, W, ...).
    """
    axis.set_xlim(-0.5, shape[1] - 0.5)
    axis.set_ylim(shape[0] - 0.5, -0.5)
