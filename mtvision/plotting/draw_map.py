"""A map of classes over an image."""

import numpy as np

from mtvision.plotting.class_names import class_name, is_background
from mtvision.plotting.draw_masks import draw_overlay
from mtvision.plotting.palette import colour

# Class numbers that are not drawn: missing, and not to be judged.
BLANK = (-1, 255)
# A legend of more classes would be longer than the picture.
MOST = 12


def draw_map(axis, numbers, *, class_names=None, legend=True):
    """Draws a map of class numbers over an image, with a legend below.

    Args:
        axis: Matplotlib axes with the image.
        numbers: (H, W) integers. -1 and 255 (not to be judged) stay clear, as
            does 0 where it is the background: if it has no name, or one such
            as "background".
        class_names: List of names.
        legend: Whether to list the classes that are present, the largest
            first, up to `MOST`.

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
    entries = {}
    for number in present(numbers):
        if not is_background(number, class_names):
            overlay[numbers == number] = colors.to_rgba(colour(number), 0.5)
            entries[class_name(number, class_names)] = colour(number)
    draw_overlay(axis, overlay, outline=overlay[..., 3] > 0)
    if legend:
        add_legend(axis, entries)


def present(numbers):
    """The classes of a map, the largest first, without -1 and 255.

    Example:

    >>> present(np.array([[1, 2, 2, 255]]))
    [2, 1]
    """
    found, areas = np.unique(numbers, return_counts=True)
    order = np.argsort(-areas, kind="stable")
    return [int(number) for number in found[order] if number not in BLANK]


def add_legend(axis, entries):
    """Adds a legend below the axes.

    Args:
        axis: Matplotlib axes.
        entries: Dict from name to colour, the most important first.
    """
    from matplotlib import patches

    if not entries:
        return
    handles = [
        patches.Patch(facecolor=shade, edgecolor="black", lw=0.5, label=name)
        for name, shade in list(entries.items())[:MOST]
    ]
    if len(entries) > MOST:
        more = f"{len(entries) - MOST} more"
        handles.append(patches.Patch(facecolor="none", label=more))
    axis.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.01),
        ncols=2 if max(len(h.get_label()) for h in handles) > 10 else 3,
        fontsize=8,
        frameon=False,
        handlelength=1,
        columnspacing=1,
        borderpad=0,
    )
