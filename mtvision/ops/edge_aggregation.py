"""Scores of an edge, gathered at its highest cell."""

from keras import ops

# Cells, where the size of a map is not known before it runs.
_LONGEST = 2048


def aggregate_edges(heat, *, axis, weight=0.1):
    """Adds to each cell what leads up to it from both sides.

    A point that may lie anywhere on a long straight edge spreads its score
    over the edge. Each cell gets `weight` times the sum of the cells next to
    it along the axis, as far as they fall steadily. No gradient flows.

    Args:
        heat: Tensor (B, h, w, C), 0 or more.
        axis: 1 to go up and down, for points on the left and right; 2 to go
            across, for points on top and bottom.
        weight: Factor of the sum.

    Returns:
        Tensor (B, h, w, C), float32. Maxima may exceed 1.

    Raises:
        ValueError: If the axis is neither.

    Example:

    >>> heat = np.array([0.5, 0.25, 0.5, 1.0, 0.25]).reshape(1, 1, 5, 1)
    >>> edges = aggregate_edges(heat, axis=2)
    >>> [round(float(v), 3) for v in edges[0, 0, :, 0]]
    [0.525, 0.25, 0.525, 1.1, 0.25]

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019.
    """
    if axis not in (1, 2):
        raise ValueError(f"Expected axis as 1 or 2, received {axis!r}.")
    heat = ops.stop_gradient(ops.cast(heat, "float32"))
    if axis == 1:
        heat = ops.transpose(heat, (0, 2, 1, 3))
    forth = _climb(heat)
    back = ops.flip(_climb(ops.flip(heat, axis=2)), axis=2)
    edges = heat + weight * (forth + back - 2 * heat)
    return ops.transpose(edges, (0, 2, 1, 3)) if axis == 1 else edges


def _climb(heat):
    """Sums of the cells that lead up to each from the left, itself too.

    `sums[i] = heat[i] + sums[i - 1] if heat[i] >= heat[i - 1]`, by doubling:
    after n rounds each cell knows the 2 ** n cells before it.
    """
    length = heat.shape[2] or _LONGEST
    rises = ops.cast(heat >= _shift(heat, 1), "float32")
    sums, reach = heat, 1
    while reach < length:
        sums = sums + rises * _shift(sums, reach)
        rises = rises * _shift(rises, reach)
        reach *= 2
    return sums


def _shift(x, cells):
    """Moves a map to the right; zeros come in."""
    if x.shape[2] is not None and cells >= x.shape[2]:
        return ops.zeros_like(x)
    padded = ops.pad(x, ((0, 0), (0, 0), (cells, 0), (0, 0)))
    return padded[:, :, : ops.shape(x)[2]]
