"""Outlines of boxes, with names."""

import numpy as np

from mtvision.plotting.palette import colour, ink

# With more boxes than these, names are written smaller.
FEW, MANY = 6, 15
# Texts of several lines are this much smaller, so as to hide less.
SMALLER = 0.7


def draw_boxes(axis, boxes, *, names=None, colours=None, dashed=None):
    """Draws boxes, each with its name at a corner.

    Args:
        axis: Matplotlib axes with the image.
        boxes: (M, 4) xyxy in pixels. Those that are not finite are left out.
        names: M texts or None.
        colours: M colours; by default the first one for all.
        dashed: (M,) whether the outline is dashed, as of crowds.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_boxes(axis, [[1, 1, 5, 5]], names=["cat"])
    >>> [text.get_text() for text in axis.texts]
    ['cat']
    """
    boxes = np.asarray(boxes, "float64").reshape(-1, 4)
    number = len(boxes)
    names = [None] * number if names is None else names
    colours = [colour(0)] * number if colours is None else colours
    dashed = np.zeros(number) if dashed is None else dashed
    size = 9 if number <= FEW else 7.5 if number <= MANY else 6
    for box, name, shade, broken in zip(boxes, names, colours, dashed):
        if np.isfinite(box).all():
            _draw_outline(axis, box, shade, "--" if broken > 0 else "-")
            if name is not None:
                share = SMALLER if "\n" in name else 1
                _write(axis, box, name, shade, share * size)


def _draw_outline(axis, box, shade, style):
    from matplotlib import patches

    # Pixel 0 of imshow is centred on 0; box coordinates start at its edge.
    x1, y1, x2, y2 = box - 0.5
    # A dark rim keeps the outline visible on a ground of its own colour.
    for width, edge in ((3, "black"), (1.5, shade)):
        outline = patches.Rectangle(
            (x1, y1), x2 - x1, y2 - y1, fill=False, lw=width, ec=edge, ls=style
        )
        axis.add_patch(outline)


def _write(axis, box, name, shade, size):
    height = axis.get_ylim()[0] - axis.get_ylim()[1]
    x, y = max(box[0] - 0.5, -0.5), max(box[1] - 0.5, -0.5)
    # At the upper edge of the picture the name would lie on the title.
    inside = y < 0.08 * height
    axis.text(
        x,
        y,
        name,
        fontsize=size,
        color=ink(shade),
        va="top" if inside else "bottom",
        bbox={"facecolor": shade, "edgecolor": "none", "pad": 1, "alpha": 0.85},
        clip_on=True,
        parse_math=False,
    )
