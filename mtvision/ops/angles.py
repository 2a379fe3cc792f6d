"""Directions, and the angles between them."""

import math

import numpy as np
from keras import ops

from mtvision.ops.averages import spread_weight
from mtvision.ops.exact_counts import weighted_cells

# Vectors shorter than this keep a length below 1: their direction is noise,
# and the gradient of a division by their length would explode.
SHORTEST = 1e-3
# Shares of pixels are counted below these angles, degrees.
LIMITS = (11.25, 22.5, 30.0)
# Width of the bins of the histogram that gives the median, degrees.
BIN = 0.05


def unit_vectors(vectors):
    """Vectors of length 1, with a finite gradient everywhere.

    Args:
        vectors: Tensor (..., D).

    Returns:
        Tensor of the same shape. Vectors shorter than 0.001 are multiplied
        by 1000 only; zero stays zero.

    Example:

    >>> [round(float(x), 3) for x in unit_vectors([3.0, 0.0, 4.0])]
    [0.6, 0.0, 0.8]
    """
    vectors = ops.convert_to_tensor(vectors)
    squared = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(squared, SHORTEST**2))


def has_direction(vectors):
    """Which vectors point anywhere: finite and not zero.

    Args:
        vectors: Tensor (..., 3).

    Returns:
        Bool tensor (...).

    Example:

    >>> nan = float("nan")
    >>> vectors = [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [nan, 0.0, 1.0]]
    >>> [bool(x) for x in has_direction(vectors)]
    [True, False, False]
    """
    squared = ops.sum(ops.square(ops.cast(vectors, "float32")), axis=-1)
    return ops.logical_and(squared > SHORTEST**2, squared < math.inf)


def angles_between(first, second):
    """Angles between vectors of length 1, exact to float32 at any angle.

    Args:
        first: Tensor (..., 3).
        second: Tensor (..., 3).

    Returns:
        Tensor (...), degrees from 0 to 180.

    Example:

    >>> float(angles_between([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]))
    90.0

    Reference:
        Kahan, How Futile are Mindless Assessments of Roundoff in
        Floating-Point Computation?, 2006, for half the angle as the arc
        tangent of difference over sum. The arc cosine of the product is off
        by 0.03 degrees near 0.
    """
    first, second = ops.convert_to_tensor(first), ops.convert_to_tensor(second)
    half = ops.arctan2(_length(first - second), _length(first + second))
    return half * (360 / math.pi)


def angle_sums(angles, given, *, sample_weight=None):
    """What the angles of a batch add up to.

    Args:
        angles: Tensor (B, H, W), degrees; NaN counts as 180.
        given: Bool tensor of the same shape: which of them count.
        sample_weight: `None`, or a tensor (B,) or (B, H, W).

    Returns:
        `(counts, rest)`, int32 and float32, both (3605,): see
        `mtvision.ops.exact_counts.weighted_cells`. Their sum is for
        `angle_scores`: number of pixels, sum of angles, pixels below each of
        `LIMITS`, and a histogram of 0.05 degrees.

    Example:

    >>> counts, rest = angle_sums([[[20.0, 50.0]]], [[[True, False]]])
    >>> [int(x) for x in counts[:5]], float(rest[1])
    ([1, 0, 0, 1, 1], 20.0)
    """
    given = ops.convert_to_tensor(given)
    angles = ops.cast(angles, "float32")
    angles = ops.where(ops.isnan(angles), 180.0, angles)
    angles = ops.where(given, angles, 0.0)
    total = angles
    if sample_weight is not None:
        total = total * spread_weight(sample_weight, angles)
    reached = [ops.cast(angles >= limit, "int32") for limit in LIMITS]
    bins = ops.minimum(ops.cast(angles / BIN, "int32"), num_bins() - 1)
    ranges, histogram = (
        weighted_cells(cells, given, number, sample_weight=sample_weight)
        for cells, number in (
            (sum(reached), len(LIMITS) + 1),
            (bins, num_bins()),
        )
    )
    return tuple(
        ops.concatenate([below[-1:], ops.reshape(x, (1,)), below[:-1], bars])
        for below, x, bars in zip(
            (ops.cumsum(x) for x in ranges),
            (ops.zeros((), "int32"), ops.sum(total)),
            histogram,
        )
    )


def angle_scores(sums):
    """The usual measures of directions, from sums over pixels.

    Args:
        sums: Tensor (3605,), what `angle_sums` gives, added up.

    Returns:
        Dict of scalars: `mean` and `median` angle in degrees, and
        `within_11`, `within_22`, `within_30`, the shares of the pixels below
        11.25, 22.5 and 30 degrees. All 0 without a pixel.

    Example:

    >>> pair = angle_sums([[[20.0, 50.0, 40.0]]], [[[True, True, True]]])
    >>> counts, rest = (ops.convert_to_numpy(x) for x in pair)
    >>> scores = angle_scores(counts + rest)
    >>> [round(float(scores[k]), 1) for k in ("mean", "median", "within_30")]
    [36.7, 40.0, 0.3]
    """
    sums = ops.convert_to_tensor(sums, dtype="float32")
    first = 2 + len(LIMITS)
    means = ops.divide_no_nan(sums[1:first], sums[0])
    return {
        "mean": means[0],
        "median": histogram_median(sums[first:], BIN),
        **{f"within_{int(x)}": means[1 + k] for k, x in enumerate(LIMITS)},
    }


def histogram_median(counts, width):
    """Median of values of which only a histogram is known.

    Args:
        counts: Tensor (N,), how many values lie in each bin, from 0 up.
        width: Width of a bin.

    Returns:
        Scalar, off by less than a width: values are taken as spread evenly
        over their bin. 0 if nothing was counted.

    Example:

    >>> float(histogram_median([1.0, 2.0, 1.0], 10.0))
    15.0
    """
    counts = ops.convert_to_tensor(counts, dtype="float32")
    below = ops.cumsum(counts)
    half = below[-1] / 2
    index = ops.argmax(ops.cast(below >= half, "int32"))
    here = ops.take(counts, index)
    share = ops.divide_no_nan(half - (ops.take(below, index) - here), here)
    place = (ops.cast(index, "float32") + share) * width
    return ops.where(half > 0, place, 0.0)


def num_bins():
    """Number of bins of the histogram of angles."""
    return int(np.rint(180 / BIN))


def _length(vectors):
    return ops.sqrt(ops.sum(ops.square(vectors), axis=-1))
