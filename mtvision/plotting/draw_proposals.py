"""Thin outlines of boxes that may hold an object."""

import numpy as np

# With more of them, outlines are paler.
FEW = 50


def draw_proposals(axis, boxes):
    """Draws boxes as thin white lines.

    Args:
        axis: Matplotlib axes with the image.
        boxes: (R, 4) xyxy in pixels. Those of zeros all over, which are
            padding, and those that are not finite are left out.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_proposals(axis, [[1, 1, 5, 5], [0, 0, 0, 0]])
    >>> len(axis.collections[0].get_paths())
    1
    """
    from matplotlib.collections import LineCollection
    from matplotlib.patheffects import withStroke

    boxes = real_proposals(boxes)
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]] - 0.5
    lines = LineCollection(
        corners.reshape(-1, 5, 2),
        colors="white",
        linewidths=0.7,
        alpha=0.9 if len(boxes) <= FEW else 0.4,
        path_effects=[withStroke(linewidth=1.4, foreground="black")],
    )
    axis.add_collection(lines)


def real_proposals(boxes):
    """The boxes (R, 4) that are no padding.

    Example:

    >>> len(real_proposals(np.eye(3, 4) - np.eye(3, 4)[:1]))
    2
    """
    boxes = np.asarray(boxes, "float64").reshape(-1, 4)
    return boxes[np.isfinite(boxes).all(axis=1) & boxes.any(axis=1)]
