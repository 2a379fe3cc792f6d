"""A panoptic map: stuff and instances of things, over an image."""

import colorsys

import numpy as np

from mtvision.plotting.draw_map import present
from mtvision.plotting.draw_masks import draw_overlay
from mtvision.plotting.legends import add_legend, legend_of
from mtvision.plotting.palette import colour


def draw_panoptic(axis, segments, *, class_names=None, divisor=1000):
    """Draws a panoptic map over an image: a hue for each class, another
    lightness of it for each instance, and lines between the segments.

    Args:
        axis: Matplotlib axes with the image.
        segments: (H, W) integers, class * divisor + number of the instance;
            -1 is not labelled.
        class_names: List of names.
        divisor: What the class was multiplied by.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> segments = np.array([[1001, 1002], [2000, -1]])
    >>> draw_panoptic(axis, segments, class_names=["sky", "cow", "grass"])
    >>> [text.get_text() for text in axis.get_legend().get_texts()]
    ['cow', 'grass']
    """
    segments = np.asarray(segments)
    overlay = np.zeros((*segments.shape, 4))
    # 255 is a segment here.
    for segment in np.unique(segments[segments >= 0]):
        number, instance = divmod(int(segment), divisor)
        overlay[segments == segment] = (*_shade(colour(number), instance), 0.6)
    draw_overlay(axis, overlay)
    _draw_seams(axis, segments)
    add_legend(axis, panoptic_legend(segments, class_names, divisor))


def panoptic_legend(segments, class_names=None, divisor=1000):
    """The classes of a panoptic map and their colours, see `legend_of`.

    Example:

    >>> panoptic_legend(np.array([[1001, -1]]))
    {'1': '#56B4E9'}
    """
    segments = np.asarray(segments)
    found = present(segments[segments >= 0] // divisor)
    return legend_of(found, class_names, background=False)


def _shade(colour_of_class, instance):
    """The colour of an instance, lighter or darker than that of its class."""
    parts = [int(colour_of_class[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    hue, light, vivid = colorsys.rgb_to_hls(*parts)
    # Steps of the golden section, from 0.6 to 1.4 of the lightness.
    factor = 0.6 + 0.8 * ((0.5 + instance * 0.6180339887) % 1)
    return colorsys.hls_to_rgb(hue, min(0.92, light * factor), vivid)


def _draw_seams(axis, segments):
    """White pixels on both sides where a segment meets another one."""
    seam = np.zeros(segments.shape, "bool")
    below = segments[:-1] != segments[1:]
    beside = segments[:, :-1] != segments[:, 1:]
    for part, meets in (
        (seam[:-1], below),
        (seam[1:], below),
        (seam[:, :-1], beside),
        (seam[:, 1:], beside),
    ):
        part |= meets
    lines = np.zeros((*segments.shape, 4))
    lines[seam] = 1
    draw_overlay(axis, lines)
