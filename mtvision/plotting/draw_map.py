"""A map of classes over an image."""

import numpy as np

from mtvision.plotting.class_names import is_background
from mtvision.plotting.draw_masks import draw_overlay
from mtvision.plotting.legends import add_legend, legend_of
from mtvision.plotting.palette import colour

# Class numbers that are not drawn: missing, and not to be judged.
BLANK = (-1, 255)


def draw_map(axis, numbers, *, class_names=None, legend=True, opacity=0.5):
    """Draws a map of class numbers over an image, with a legend below.

    Args:
        axis: Matplotlib axes with the image.
        numbers: (H, W) integers. -1 and 255 (not to be judged) stay clear, as
            does 0 where it is the background: if it has no name, or one such
            as "background".
        class_names: List of names.
        legend: Whether to list the classes that are present, the largest
            first.
        opacity: From 0 to 1.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_map(axis, np.eye(4, dtype="int32"), class_names=["-", "line"])
    >>> [text.get_text() for text in axis.get_legend().get_texts()]
    ['-', 'line']
    """
    from matplotlib import colors

    numbers = np.asarray(numbers)
    overlay = np.zeros((*numbers.shape, 4))
    found = present(numbers)
    for number in found:
        if not is_background(number, class_names):
            overlay[numbers == number] = colors.to_rgba(colour(number), opacity)
    draw_overlay(axis, overlay, outline=overlay[..., 3] > 0)
    if legend:
        add_legend(axis, legend_of(found, class_names))


def present(numbers):
    """The classes of a map, the largest first, without -1 and 255.

    Example:

    >>> present(np.array([[1, 2, 2, 255]]))
    [2, 1]
    """
    found, areas = np.unique(numbers, return_counts=True)
    order = np.argsort(-areas, kind="stable")
    return [int(number) for number in found[order] if number not in BLANK]
