"""A map of distances, or of other numbers."""

import numpy as np

MISSING = "0.6"


def draw_depth(axis, depth, *, limits=None, unit="m"):
    """Draws a map of numbers, with a colour bar beside it.

    Args:
        axis: Matplotlib axes.
        depth: (H, W) floats; NaN (not measured) is grey.
        limits: Smallest and largest of the colours; by default those of the
            map. Pictures to compare need the same.
        unit: Text beside the colour bar.

    Example:

    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> draw_depth(figure.subplots(), np.array([[1.0, np.nan], [2.0, 3.0]]))
    >>> figure.axes[1].get_ylabel()
    'm'
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
    bar = axis.figure.colorbar(picture, ax=axis, fraction=0.05, pad=0.02)
    bar.ax.tick_params(labelsize=8)
    bar.set_label(unit, fontsize=8)


def limits_of(*maps):
    """The smallest and the largest of the numbers that are finite.

    Example:

    >>> limits_of(np.array([1.0, np.nan]), np.array([3.0]))
    (1.0, 3.0)
    """
    values = np.concatenate([np.zeros(0), *map(np.ravel, maps)])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0, 1)
