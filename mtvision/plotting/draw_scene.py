"""One image with its labels on it."""

import numpy as np

# Okabe and Ito, 2008: told apart with any colour vision. Black is left out.
COLOURS = (
    "#F0E442",
    "#56B4E9",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#0072B2",
)
# Class numbers of maps that are not drawn: missing, background, ignored.
BLANK = (-1, 0, 255)


def draw_scene(
    axis,
    image,
    *,
    box=None,
    boxes=None,
    classes=None,
    mask=None,
    class_names=None,
    title=None,
    title_colour="black",
):
    """Draws an image, masks over it, and the outlines of boxes.

    Labels that are None, NaN or -1 all over are left out, as are padding rows.

    Args:
        axis: Matplotlib axes to draw on.
        image: (H, W, 3) uint8, or floats from 0 to 255.
        box: One box (4,), xyxy in pixels.
        boxes: Several (M, 4).
        classes: Class number of each of `boxes` (M,), -1 for padding.
        mask: (H, W) integers, a colour for each class. 0 (background), -1 and
            255 (ignored) stay clear.
        class_names: List of names for `classes`.
        title: Text above the image.
        title_colour: Its colour.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_scene(axis, np.zeros((8, 8, 3)), box=[1, 1, 5, 5], title="3")
    >>> axis.get_title()
    '3'
    """
    image = np.asarray(image)
    axis.imshow(np.clip(image, 0, 255).astype("uint8"), interpolation="nearest")
    axis.set_axis_off()
    if mask is not None:
        _draw_mask(axis, np.asarray(mask))
    if box is not None:
        _draw_box(axis, box, COLOURS[0])
    if boxes is not None:
        _draw_boxes(axis, boxes, classes, class_names)
    # A box that reaches beyond the image would shrink it.
    axis.set_xlim(-0.5, image.shape[1] - 0.5)
    axis.set_ylim(image.shape[0] - 0.5, -0.5)
    if title is not None:
        axis.set_title(title, fontsize=12, color=title_colour)


def _draw_mask(axis, mask):
    from matplotlib import colors

    overlay = np.zeros((*mask.shape, 4))
    for number in np.unique(mask):
        if number not in BLANK:
            chosen = COLOURS[int(number) % len(COLOURS)]
            overlay[mask == number] = colors.to_rgba(chosen, 0.5)
    if not overlay.any():
        return
    axis.imshow(overlay, interpolation="nearest")
    drawn = overlay[..., 3] > 0
    if not drawn.all():
        axis.contour(drawn, levels=[0.5], colors="white", linewidths=1)


def _draw_boxes(axis, boxes, classes, class_names):
    named = classes is not None
    classes = classes if named else np.zeros(len(boxes), "int32")
    for box, number in zip(boxes, classes):
        if number >= 0:
            name = class_name(number, class_names) if named else None
            _draw_box(axis, box, COLOURS[int(number) % len(COLOURS)], name)


def class_name(number, class_names=None):
    """The name of a class; its number, if there are no names.

    Args:
        number: Class number.
        class_names: List of names, or `None`.

    Returns:
        String.

    Raises:
        ValueError: If there are too few names.

    Example:

    >>> class_name(1, ["cat", "dog"])
    'dog'
    """
    if not class_names:
        return str(int(number))
    if not 0 <= int(number) < len(class_names):
        raise ValueError(
            f"Expected class_names to have a name for the class {int(number)}, "
            f"received {len(class_names)} names."
        )
    return class_names[int(number)]


def _draw_box(axis, box, colour, name=None):
    from matplotlib import patches

    box = np.asarray(box, "float64")
    if not np.isfinite(box).all():
        return
    # Pixel 0 of imshow is centred on 0; box coordinates start at its edge.
    x1, y1, x2, y2 = box - 0.5
    # A dark rim keeps the outline visible on a ground of its own colour.
    for width, edge in ((4, "black"), (2, colour)):
        outline = patches.Rectangle(
            (x1, y1), x2 - x1, y2 - y1, fill=False, lw=width, ec=edge
        )
        axis.add_patch(outline)
    if name is not None:
        ground = {"facecolor": colour, "edgecolor": "black", "pad": 1.5}
        axis.text(x1, y1, name, fontsize=10, va="bottom", bbox=ground)
