"""One image with its labels on it."""

import numpy as np

from mtvision.plotting.draw_boxes import draw_boxes
from mtvision.plotting.draw_image import draw_image, keep_limits
from mtvision.plotting.draw_map import draw_map
from mtvision.plotting.draw_objects import draw_objects


def draw_scene(
    axis,
    image,
    *,
    box=None,
    boxes=None,
    classes=None,
    masks=None,
    keypoints=None,
    crowd=None,
    mask=None,
    class_names=None,
    box_names=None,
    mask_names=None,
    skeleton=None,
    legend=False,
    title=None,
    title_colour="black",
):
    """Draws an image, masks over it, and the outlines of boxes.

    Labels that are None, NaN or -1 all over are left out, as are padding rows.
    Where there are masks, each instance has a colour of its own; else each
    class.

    Args:
        axis: Matplotlib axes to draw on.
        image: (H, W, C), uint8, or floats from 0 to 255.
        box: One box (4,), or (K, 4), xyxy in pixels.
        boxes: Several (M, 4).
        classes: Class number of each of `boxes` (M,), -1 for padding.
        masks: (M, H, W), of each of `boxes` or alone.
        keypoints: (K, 2 or 3) of one object, or (M, K, 2 or 3).
        crowd: (M,), 1 for boxes around many objects, drawn dashed.
        mask: (H, W) integers, a colour for each class. -1 and 255 (ignored)
            stay clear, and 0 unless it has a name other than "background".
        class_names: List of names for `classes`.
        box_names: M texts to write instead of the names of the classes.
        mask_names: List of names for `mask`.
        skeleton: Pairs of numbers of key points, from 0.
        legend: Whether to list the classes of `mask` below.
        title: Text above the image.
        title_colour: Its colour.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_scene(axis, np.zeros((8, 8, 3)), box=[1, 1, 5, 5], title="3")
    >>> axis.get_title()
    '3'
    """
    draw_image(axis, image)
    if mask is not None:
        draw_map(axis, mask, class_names=mask_names, legend=legend)
    if box is not None:
        draw_boxes(axis, box)
    objects = {
        "boxes": boxes,
        "classes": classes,
        "masks": masks,
        "keypoints": keypoints,
        "crowd": crowd,
        "names": box_names,
    }
    draw_objects(axis, objects, class_names=class_names, skeleton=skeleton)
    # A box that reaches beyond the image would shrink it.
    keep_limits(axis, np.shape(image))
    if title is not None:
        axis.set_title(title, fontsize=12, color=title_colour)
