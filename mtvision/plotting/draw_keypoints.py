"""Key points, with a skeleton between them."""

import numpy as np

from mtvision.plotting.palette import colour


def draw_keypoints(axis, keypoints, *, skeleton=None, colours=None):
    """Draws key points: visible ones filled, hidden ones hollow.

    Args:
        axis: Matplotlib axes with the image.
        keypoints: (K, 3) or (M, K, 3): x, y in pixels and visibility (0 not
            labelled, left out; 1 hidden; 2 visible); or (..., 2), where NaN
            is left out.
        skeleton: Pairs of numbers of key points, from 0, to draw lines
            between.
        colours: A colour for each of the M objects.

    Raises:
        ValueError: If the skeleton has a number that is not a key point.

    Example:

    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots()
    >>> draw_keypoints(axis, [[1, 1, 2], [3, 3, 1], [0, 0, 0]])
    >>> [len(line.get_xdata()) for line in axis.lines]
    [1, 1]
    """
    points, visibility = _parts(np.asarray(keypoints, "float64"))
    pairs = _pairs(skeleton, points.shape[1])
    if colours is None:
        colours = [colour(k) for k in range(len(points))]
    for each, seen, shade in zip(points, visibility, colours):
        _draw_bones(axis, each, seen, pairs, shade)
        _draw_marks(axis, each, seen, shade)


def _draw_marks(axis, points, seen, shade):
    from matplotlib import patheffects

    # 68 landmarks of a face would run together.
    size = 5 if len(points) <= 25 else 2.5
    rim = [patheffects.withStroke(linewidth=size / 2.5, foreground="black")]
    hidden = {"mfc": "none", "mew": size / 5, "path_effects": rim}
    visible = {"mfc": shade, "mew": size / 5, "mec": "black"}
    for wanted, style in ((seen >= 2, visible), (seen == 1, hidden)):
        if wanted.any():
            style = {"mec": shade, "ms": size, **style}
            axis.plot(*points[wanted].T, marker="o", ls="none", **style)


def _parts(keypoints):
    """Places (M, K, 2), as imshow counts, and visibility (M, K)."""
    if keypoints.ndim == 2:
        keypoints = keypoints[None]
    points = keypoints[..., :2] - 0.5
    given = np.isfinite(points).all(axis=-1)
    if keypoints.shape[-1] == 2:
        return points, np.where(given, 2, 0)
    return points, np.where(given, keypoints[..., 2], 0)


def _pairs(skeleton, number):
    pairs = np.asarray([] if skeleton is None else skeleton, "int64")
    pairs = pairs.reshape(-1, 2)
    if pairs.size and not 0 <= pairs.min() <= pairs.max() < number:
        raise ValueError(
            f"Expected a skeleton of pairs of key points from 0 to "
            f"{number - 1}, received {pairs.min()} and {pairs.max()}. COCO "
            "counts from 1: subtract 1."
        )
    return pairs


def _draw_bones(axis, points, seen, pairs, shade):
    from matplotlib import collections

    bones = [points[pair] for pair in pairs if (seen[pair] > 0).all()]
    if bones:
        axis.add_collection(
            collections.LineCollection(bones, colors=shade, lw=1.5, alpha=0.8),
            autolim=False,
        )
