"""How large boxes or images are."""

import numpy as np

from mtvision.plotting.field_kinds import last_word, sibling
from mtvision.plotting.palette import colour
from mtvision.plotting.walked import is_source, walked

# Sides in pixels where COCO parts small from medium and large objects (Lin et
# al., 2014).
COCO = (32, 96)


def draw_size_histogram(sizes, *, field="boxes", bins=40):
    """Draws how large boxes or images are: their mean side, and their width
    beside their height.

    Args:
        sizes: Boxes (N, 4) xyxy in pixels; heights and widths (N, 2); a list
            of such arrays; or a source of samples, which is read once. Boxes
            that are padding, not finite, or without area are left out and
            counted in the title.
        field: The field of a source: `boxes`, `box` or `image`; of arrays, a
            name for the title.
        bins: Number of bars.

    Returns:
        A matplotlib `Figure`: the square root of the area in pixels, with
        COCO's bounds of small, medium and large objects, and a scatter plot.

    Raises:
        ValueError: If there is nothing to draw, or the shape is another.

    Example:

    >>> figure = draw_size_histogram([[0, 0, 4, 4], [0, 0, 0, 9]])
    >>> figure.axes[0].get_title()
    'boxes: 1 (1 without area left out)'
    """
    if is_source(sizes):
        sizes = _sizes_of_source(sizes, field)
    else:
        sizes = _joined(sizes, field)
    sound = np.isfinite(sizes).all(axis=1) & (sizes > 0).all(axis=1)
    number, left_out = int(sound.sum()), int((~sound).sum())
    if not number:
        raise ValueError(
            f"Expected {field!r} with an area, received {left_out} without."
        )
    title = f"{field}: {number:,}"
    title += f" ({left_out} without area left out)" if left_out else ""
    return _draw(sizes[sound], title, bins, last_word(field) != "image")


def _sizes_of_source(source, field):
    """Heights and widths (N, 2)."""
    if last_word(field) == "image":
        sizes = [
            np.shape(source[index][field])[:2] for index in range(len(source))
        ]
        return np.array(sizes, "float64")
    names = [field]
    classes = sibling(field, "classes")
    if last_word(field) == "boxes" and classes in source[0]:
        names.append(classes)
    columns = walked(source, names)
    boxes = [
        np.zeros((0, 4)) if each is None else np.reshape(each, (-1, 4))
        for each in columns[field]
    ]
    if len(names) == 2:
        boxes = [
            each if numbers is None else each[np.asarray(numbers) >= 0]
            for each, numbers in zip(boxes, columns[classes])
        ]
    return _joined(boxes, field)


def _joined(sizes, field):
    """Heights and widths (N, 2) from boxes or sizes, or lists of them."""
    parts = list(sizes)
    if parts and np.ndim(parts[0]) == 1:
        parts = [np.array(parts)]
    parts = [np.asarray(part, "float64") for part in parts]
    widths = {part.shape[-1] for part in parts}
    if not parts or len(widths) > 1 or not widths <= {2, 4}:
        raise ValueError(
            f"Field {field!r}: expected boxes (N, 4), or heights and widths "
            f"(N, 2), received shapes {[part.shape for part in parts[:3]]}."
        )
    joined = np.concatenate(parts)
    if joined.shape[1] == 2:
        return joined
    return (joined[:, 2:] - joined[:, :2])[:, ::-1]


def _draw(sizes, title, bins, objects):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    sides = np.sqrt(sizes.prod(axis=1))
    low, high = sides.min(), sides.max()
    edges = np.geomspace(low / 1.05, high * 1.05, bins + 1)
    left.hist(sides, bins=edges, color=colour(1))
    left.set_title(title, fontsize=10)
    left.set(
        xscale="log",
        xlabel="root of height times width, pixels",
        ylabel="number",
    )
    left.margins(y=0.15)
    for bound in COCO if objects else ():
        if edges[0] < bound < edges[-1]:
            left.axvline(bound, color="grey", ls="--")
            left.annotate(
                f" {bound}",
                (bound, 0.99),
                xycoords=("data", "axes fraction"),
                color="grey",
                va="top",
            )
    opacity = float(np.clip(200 / len(sizes), 0.1, 1))
    right.scatter(sizes[:, 1], sizes[:, 0], s=8, alpha=opacity, c=colour(5))
    right.set(xscale="log", yscale="log", xlabel="width, pixels")
    right.set_ylabel("height, pixels")
    _name_plainly(left.xaxis, right.xaxis, right.yaxis)
    return figure


def _name_plainly(*axes):
    """Writes 20 and 50 instead of powers of ten."""
    from matplotlib import ticker

    for axis in axes:
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.FormatStrFormatter("%d"))
        axis.set_minor_formatter(ticker.NullFormatter())
