"""Edge maps: their balanced loss, and how well two of them agree."""

from keras import ops

from mtvision.ops.averages import masked_mean_per_sample
from mtvision.ops.exact_counts import weighted_cells
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


def edge_logits(logits, name):
    """Logits of edges without their axis of one channel.

    Args:
        logits: Tensor (B, H, W, 1).
        name: What asks, for the message.

    Returns:
        Tensor (B, H, W).

    Raises:
        ValueError: If there are more channels.

    Example:

    >>> tuple(edge_logits(np.zeros((1, 2, 3, 1)), "loss").shape)
    (1, 2, 3)
    """
    if logits.shape[-1] != 1:
        raise ValueError(
            f"{name} expects one logit a pixel, (B, H, W, 1), received shape "
            f"{tuple(logits.shape)}. Use an EdgesHead."
        )
    return logits[..., 0]


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
        probabilities: Tensor (B, H, W), 0 to 1. NaN is wrong everywhere: it
            counts as predicted, is never right, and finds nothing.
        tolerance: Pixels, see `dilate`.
        num_thresholds: T.
        sample_weight: `None`, or a tensor (B,) or (B, H, W).

    Returns:
        `(counts, rest)`, int32 and float32, both (4, T): see
        `mtvision.ops.exact_counts.weighted_cells`. Their sum is for
        `edge_scores`: pixels predicted, of these right, edge pixels, of
        these found.

    Example:

    >>> counts, rest = edge_counts(
    ...     [[[1, 0, 0, 0]]], [[[0.1, 0.9, 0.1, 0.6]]],
    ...     tolerance=1, num_thresholds=1)
    >>> [int(x) for x in counts[:, 0]]
    [2, 1, 1, 1]
    """
    labels, probabilities = (
        ops.convert_to_tensor(x) for x in (labels, probabilities)
    )
    labelled = is_labelled(labels, num_classes=2)
    is_edge = ops.logical_and(labelled, ops.equal(labels, 1))
    is_broken = ops.isnan(probabilities)
    found = ops.where(
        ops.logical_and(labelled, ops.logical_not(is_broken)),
        probabilities,
        0.0,
    )
    near_truth = dilate(ops.cast(is_edge, "float32"), tolerance) > 0
    near_truth = ops.logical_and(near_truth, ops.logical_not(is_broken))
    near_found = dilate(found, tolerance)
    guess = ops.where(is_broken, 1.0, found)

    def above(values, kept):
        sums = weighted_cells(
            _bins(values, num_thresholds),
            kept,
            num_thresholds + 1,
            sample_weight=sample_weight,
        )
        return [ops.flip(ops.cumsum(ops.flip(x))) for x in sums]

    predicted = above(guess, labelled)
    right = above(guess, ops.logical_and(labelled, near_truth))
    edges_found = above(near_found, is_edge)
    return tuple(
        ops.stack([a[1:], b[1:], ops.broadcast_to(c[0], a[1:].shape), c[1:]])
        for a, b, c in zip(predicted, right, edges_found)
    )


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


def _bins(values, num_thresholds):
    """How many thresholds each value reaches."""
    reached = ops.cast(values * (num_thresholds + 1), "int32")
    return ops.minimum(reached, num_thresholds)
