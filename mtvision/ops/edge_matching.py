"""Edge maps: their balanced loss, and how well two of them agree."""

from keras import ops

from mtvision.ops.averages import masked_mean_per_sample, spread_weight
from mtvision.ops.labels import is_labelled

# Largest share of the weight that edges get: an image without an edge still
# teaches, with 1 % of the weight.
LARGEST_SHARE = 0.99


def balanced_edge_loss(labels, logits, *, positive_weight=None):
    """Cross entropy of edges, which are few, and of all other pixels.

    Args:
        labels: Tensor (B, H, W): 1 on an edge, 0 elsewhere; other numbers are
            unlabelled.
        logits: Tensor (B, H, W).
        positive_weight: Weight of pixels on an edge, from 0 to 1; others
            have 1 less it. `None` for the share of the pixels of the sample
            that are on no edge, from 0.01 to 0.99.

    Returns:
        Tensor (B,), the mean over the labelled pixels.

    Example:

    >>> loss = balanced_edge_loss([[[1, 0, 0, 0]]], [[[0.0, 0.0, 0.0, 0.0]]])
    >>> round(float(loss[0]), 4)  # 2 * 0.75 * 0.25 * log(2)
    0.2599
    """
    labelled = is_labelled(labels, num_classes=2)
    truth = ops.where(labelled, ops.cast(labels, "float32"), 0.0)
    if positive_weight is None:
        share = 1 - masked_mean_per_sample(truth, labelled)
        share = ops.clip(share, 1 - LARGEST_SHARE, LARGEST_SHARE)
        positive_weight = share[:, None, None]
    weight = truth * positive_weight + (1 - truth) * (1 - positive_weight)
    logits = ops.cast(logits, "float32")
    values = ops.binary_crossentropy(truth, logits, from_logits=True)
    return masked_mean_per_sample(values * weight, labelled)


def dilate(maps, tolerance):
    """Largest value of each pixel's neighbourhood.

    Args:
        maps: Tensor (B, H, W) of numbers of 0 or more.
        tolerance: Pixels in each direction, diagonals too: a square of
            2 * tolerance + 1.

    Returns:
        Tensor of the same shape.

    Example:

    >>> [float(x) for x in dilate([[[0.0, 0.0, 0.0, 1.0]]], 1)[0, 0]]
    [0.0, 0.0, 1.0, 1.0]
    """
    maps = ops.convert_to_tensor(maps, dtype="float32")
    side = 2 * tolerance + 1
    pooled = ops.max_pool(
        maps[..., None],
        side,
        strides=1,
        padding="same",
        data_format="channels_last",
    )
    return pooled[..., 0]


def edge_counts(
    labels, probabilities, *, tolerance, num_thresholds, sample_weight=None
):
    """Counts pixels on edges at every threshold of the probability.

    The thresholds are k / (T + 1), k from 1 to T. A predicted pixel is right
    if an edge is near, an edge is found if a predicted pixel is near: no
    further than the tolerance. As what is near at a threshold has a largest
    neighbour above it, one dilation serves all thresholds.

    Args:
        labels: Tensor (B, H, W): 1 on an edge, 0 elsewhere; other numbers are
            unlabelled, and left out.
        probabilities: Tensor (B, H, W), 0 to 1.
        tolerance: Pixels, see `dilate`.
        num_thresholds: T.
        sample_weight: `None`, or a tensor (B,) or (B, H, W).

    Returns:
        Tensor (4, T) for `edge_scores`: pixels predicted, of these right,
        edge pixels, of these found.

    Example:

    >>> counts = edge_counts(
    ...     [[[1, 0, 0, 0]]], [[[0.1, 0.9, 0.1, 0.6]]],
    ...     tolerance=1, num_thresholds=1)
    >>> [float(x) for x in counts[:, 0]]
    [2.0, 1.0, 1.0, 1.0]
    """
    labelled = is_labelled(labels, num_classes=2)
    weight = ops.cast(labelled, "float32")
    if sample_weight is not None:
        weight = weight * spread_weight(sample_weight, weight)
    truth = ops.where(labelled, ops.cast(labels, "float32"), 0.0)
    found = ops.where(labelled, probabilities, 0.0)
    near_truth, near_found = dilate(truth, tolerance), dilate(found, tolerance)
    edges = truth * weight
    rows = [
        _above(found, weight, num_thresholds),
        _above(found, weight * near_truth, num_thresholds),
        ops.broadcast_to(ops.sum(edges), (num_thresholds,)),
        _above(near_found, edges, num_thresholds),
    ]
    return ops.stack(rows)


def edge_scores(counts):
    """F measure at every threshold.

    Args:
        counts: Tensor (4, T), as `edge_counts` gives it.

    Returns:
        Tensor (T,): harmonic mean of the shares of predicted pixels that are
        right and of edge pixels that are found. 0 where nothing was.

    Example:

    >>> f = edge_scores([[2.0], [1.0], [1.0], [1.0]])
    >>> round(float(f[0]), 3)
    0.667
    """
    predicted, right, edges, found = ops.unstack(
        ops.convert_to_tensor(counts, dtype="float32"), num=4
    )
    precision = ops.divide_no_nan(right, predicted)
    recall = ops.divide_no_nan(found, edges)
    return ops.divide_no_nan(2 * precision * recall, precision + recall)


def _above(values, weight, num_thresholds):
    """Weight of the values that reach each threshold."""
    steps = num_thresholds + 1
    bins = ops.minimum(ops.cast(values * steps, "int32"), num_thresholds)
    histogram = ops.segment_sum(
        ops.reshape(weight, (-1,)),
        ops.reshape(bins, (-1,)),
        num_segments=steps,
    )
    return ops.flip(ops.cumsum(ops.flip(histogram)))[1:]
