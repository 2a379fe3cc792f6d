"""Overlapping tiles of a long axis, and weights that blend them.

Plain numbers, as an image larger than memory is no tensor.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Tile:
    """One of the tiles of an axis.

    Attributes:
        offset: Where the tile begins.
        start: Where what is kept of it begins.
        stop: Where that ends.
        weights: Array (stop - start,), float32, above 0: how much each place
            counts. Those of all tiles add up to 1 everywhere.
    """

    offset: int
    start: int
    stop: int
    weights: np.ndarray


def axis_tiles(length, tile, *, overlap=0, margin=0, stride=1):
    """Covers an axis with tiles of one length.

    The tiles begin at multiples of `stride`, spread as evenly as that allows,
    and overlap by `overlap` or more. The last ends where the axis ends, or up
    to `stride - 1` beyond; one that is longer than the axis begins at 0.

    At an end that is none of the axis, `margin` places of a tile are left
    out. What remains of an overlap is blended by a squared sine.

    Args:
        length: Places of the axis.
        tile: Places of a tile, a multiple of `stride`.
        overlap: The least that two neighbours share, a multiple of `stride`,
            less than `tile`, at least twice the margin.
        margin: Places left out.
        stride: What the offsets are multiples of.

    Returns:
        List of `Tile`, by rising offset.

    Example:

    >>> tiles = axis_tiles(10, 4, overlap=2, margin=1)
    >>> [(t.offset, t.start, t.stop) for t in tiles]
    [(0, 0, 3), (2, 3, 5), (4, 5, 7), (6, 7, 10)]
    >>> first, second = axis_tiles(6, 4, overlap=2)
    >>> [round(float(w), 2) for w in second.weights]
    [0.15, 0.85, 1.0, 1.0]
    """
    offsets = _offsets(length, tile, overlap, stride)
    starts = [offset + margin for offset in offsets]
    stops = [offset + tile - margin for offset in offsets]
    starts[0], stops[-1] = 0, length
    ramp = overlap - 2 * margin
    total = np.zeros(length)
    raw = []
    for start, stop in zip(starts, stops):
        place = np.arange(start, stop)
        weights = np.ones(stop - start)
        if start > 0:
            weights = weights * _rise(place - start, ramp)
        if stop < length:
            weights = weights * _rise(stop - 1 - place, ramp)
        total[start:stop] += weights
        raw.append(weights)
    return [
        Tile(offset, start, stop, (w / total[start:stop]).astype("float32"))
        for offset, start, stop, w in zip(offsets, starts, stops, raw)
    ]


def _offsets(length, tile, overlap, stride):
    # All in steps of the stride.
    last = -(-max(length - tile, 0) // stride)
    step = (tile - overlap) // stride
    number = -(-last // step) + 1
    return [i * last // max(number - 1, 1) * stride for i in range(number)]


def _rise(place, ramp):
    """From 0 to 1 over the first places, at their centres."""
    if ramp == 0:
        return np.ones(len(place))
    share = np.minimum((place + 0.5) / ramp, 1.0)
    return np.sin(share * np.pi / 2) ** 2
