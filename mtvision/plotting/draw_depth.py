"""A map of distances, or of other numbers."""

import numpy as np

MISSING = "0.6"


def draw_depth(axis, depth, *, limits=None, unit="m"):
    """Draws a map of numbers, with a colour bar below it.

    Args:
        axis: Matplotlib axes.
        depth: (H, W) floats; NaN (not measured) is grey.
        limits: Smallest and largest of the colours; by default those of the
            map. Pictures to compare need the same.
        unit: Text below the colour bar.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_depth(axis, np.array([[1.0, np.nan], [2.0, 3.0]]))
    >>> axis.images[0].get_clim()
    (1.0, 3.0)
    """
    import matplotlib

    depth = np.asarray(depth, "float64")
    low, high = limits_of(depth) if limits is None else limits
    colours = matplotlib.colormaps["viridis_r"].with_extremes(bad=MISSING)
    masked = np.ma.masked_invalid(depth)
    picture = axis.imshow(
        masked, cmap=colours, vmin=low, vmax=high, interpolation="nearest"
    )
    axis.set_axis_off()
    # Below, so that the picture is as wide as the others.
    place = axis.inset_axes((0.05, -0.06, 0.9, 0.035))
    bar = axis.figure.colorbar(picture, cax=place, orientation="horizontal")
    bar.ax.tick_params(labelsize=8)
    bar.set_label(unit, fontsize=8, labelpad=0)


def limits_of(*maps):
    """The smallest and the largest of the numbers that are finite.

    Example:

    >>> limits_of(np.array([1.0, np.nan]), np.array([3.0]))
    (1.0, 3.0)
    """
    values = np.concatenate([np.zeros(0), *map(np.ravel, maps)])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return low, high if high > low else low + 1
