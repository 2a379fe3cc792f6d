"""A map of directions."""

import numpy as np

MISSING = 0.6


def draw_normals(axis, normals):
    """Draws directions of surfaces as colours.

    Red grows to the right, green upwards and blue towards the camera, as in
    most pictures of normals; grey is not measured.

    Args:
        axis: Matplotlib axes.
        normals: (H, W, 3) vectors of length 1: x to the right, y down, z
            towards the camera. NaN, or zero, where not measured.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_normals(axis, np.array([[[0.0, 0.0, 1.0], [np.nan] * 3]]))
    >>> axis.images[0].get_array().tolist()
    [[[0.5, 0.5, 1.0], [0.6, 0.6, 0.6]]]
    """
    normals = np.asarray(normals, "float64")
    colours = np.clip((normals * [1, -1, 1] + 1) / 2, 0, 1)
    missing = np.isnan(normals).any(axis=-1) | (normals == 0).all(axis=-1)
    colours[missing] = MISSING
    axis.imshow(colours, interpolation="nearest")
    axis.set_axis_off()
