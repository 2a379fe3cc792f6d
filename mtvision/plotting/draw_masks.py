"""Masks of instances over an image."""

import numpy as np

from mtvision.plotting.palette import colour


def draw_masks(axis, masks, *, colours=None):
    """Draws masks over an image, each with an outline.

    Args:
        axis: Matplotlib axes with the image.
        masks: (M, H, W), pixels above 0.5 belong to the object.
        colours: M colours; by default one for each instance.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_masks(axis, np.ones((2, 4, 4)))
    >>> len(axis.images)
    1
    """
    from matplotlib import colors

    masks = np.asarray(masks) > 0.5
    if colours is None:
        colours = [colour(k) for k in range(len(masks))]
    overlay = np.zeros((*masks.shape[1:], 4))
    for mask, shade in zip(masks, colours):
        overlay[mask] = colors.to_rgba(shade, 0.5)
    draw_overlay(axis, overlay)
    for mask, shade in zip(masks, colours):
        if mask.any() and not mask.all():
            axis.contour(mask, levels=[0.5], colors=[shade], linewidths=1)


def draw_overlay(axis, overlay, *, outline=None):
    """Draws colours over an image, unless all are clear.

    Args:
        axis: Matplotlib axes with the image.
        overlay: (H, W, 4) RGBA from 0 to 1.
        outline: (H, W) bool: what to draw a white line around.
    """
    if not overlay.any():
        return
    axis.imshow(overlay, interpolation="nearest")
    if outline is not None and outline.any() and not outline.all():
        axis.contour(outline, levels=[0.5], colors="white", linewidths=1)
