"""Distances of embeddings, and the losses that are made of them."""

from keras import ops

from mtvision.ops.averages import masked_mean_per_sample

MININGS = ("semi-hard", "hard", "all")
# Squares below have a distance without a gradient, which is infinite at 0.
_SMALLEST_SQUARE = 1e-12


def squared_distances(first, second):
    """Squared Euclidean distances of embeddings, pair by pair.

    Args:
        first: Tensor (..., D).
        second: Tensor (..., D), which is broadcast against it.

    Returns:
        Tensor (...), float32.

    Example:

    >>> float(squared_distances([0.0, 3.0], [4.0, 0.0]))
    25.0
    """
    first, second = (ops.cast(x, "float32") for x in (first, second))
    return ops.sum(ops.square(first - second), axis=-1)


def pairwise_squared_distances(embeddings):
    """Squared Euclidean distances of every embedding to every one.

    Differences are squared one by one. The shorter |a|^2 + |b|^2 - 2 a b
    loses small distances, all the more where a device multiplies matrices in
    less than float32.

    Args:
        embeddings: Tensor (B, D).

    Returns:
        Tensor (B, B), float32.

    Example:

    >>> found = pairwise_squared_distances([[0.0, 3.0], [4.0, 0.0]])
    >>> [[float(x) for x in row] for row in found]
    [[0.0, 25.0], [25.0, 0.0]]
    """
    embeddings = ops.convert_to_tensor(embeddings)
    return squared_distances(embeddings[:, None], embeddings[None])


def contrastive(same, squared, *, margin=1.0):
    """Pulls pairs of one identity together, pushes others apart.

    `d ** 2` for the same identity, `max(margin - d, 0) ** 2` for two.

    Args:
        same: Tensor (...), 1 for the same identity, 0 for two.
        squared: Tensor (...), squared distances d ** 2.
        margin: Distance from which two identities are left alone.

    Returns:
        Tensor (...), float32.

    Example:

    >>> loss = contrastive([1.0, 0.0, 0.0], [0.25, 0.25, 4.0])
    >>> [float(x) for x in loss]
    [0.25, 0.25, 0.0]

    Reference:
        Hadsell et al., Dimensionality Reduction by Learning an Invariant
        Mapping, 2006, times 2.
    """
    squared = ops.cast(squared, "float32")
    distance = ops.sqrt(ops.maximum(squared, _SMALLEST_SQUARE))
    push = ops.square(ops.maximum(margin - distance, 0.0))
    return ops.where(ops.cast(same, "float32") > 0.5, squared, push)


def triplet(identities, embeddings, *, margin=0.2, mining="semi-hard"):
    """Every anchor nearer to its own kind than to others, by a margin.

    `max(d(a, p) - d(a, n) + margin, 0)` with squared distances d, for an
    anchor a, a positive p of its identity and a negative n of another one.
    Each sample is the anchor once; its loss is a mean over triplets:

    - `"semi-hard"`: for each positive the nearest negative that is farther
      away than the positive; if there is none, the farthest negative.
    - `"hard"`: the farthest positive and the nearest negative.
    - `"all"`: all triplets that break the margin.

    Args:
        identities: Int tensor (B,); negative ones are not known, and belong
            to no triplet.
        embeddings: Tensor (B, D), finite.
        margin: In squares of the embeddings' unit.
        mining: `"semi-hard"`, `"hard"` or `"all"`.

    Returns:
        Tensor (B,), float32; 0 for anchors without a positive or a negative.

    Example:

    >>> x = ops.array([[0.0], [1.0], [2.0]])
    >>> loss = triplet(ops.array([0, 0, 1]), x, margin=0.5)
    >>> [float(each) for each in loss]
    [0.0, 0.5, 0.0]

    Reference:
        Schroff et al., FaceNet, 2015 (semi-hard); Hermans et al., In Defense
        of the Triplet Loss for Person Re-Identification, 2017 (hard, all).
    """
    distances = pairwise_squared_distances(embeddings)
    positives, negatives = _partners(identities)
    if mining == "hard":
        pairs = _farthest(distances, positives), _nearest(distances, negatives)
        values = ops.maximum(pairs[0] - pairs[1] + margin, 0.0)
        return ops.where(_has_both(positives, negatives), values, 0.0)
    if mining == "semi-hard":
        chosen = _semi_hard(distances, negatives)
        values = ops.maximum(distances - chosen + margin, 0.0)
        has_negative = ops.any(negatives, axis=1, keepdims=True)
        return masked_mean_per_sample(
            values, ops.logical_and(positives, has_negative)
        )
    gaps = distances[:, :, None] - distances[:, None, :] + margin
    is_triplet = ops.logical_and(positives[:, :, None], negatives[:, None, :])
    return masked_mean_per_sample(gaps, ops.logical_and(is_triplet, gaps > 0))


def _partners(identities):
    """Which samples are positives, and which negatives, of each: (B, B)."""
    known = identities >= 0
    both = ops.logical_and(known[:, None], known[None])
    same = identities[:, None] == identities[None]
    rows = ops.arange(identities.shape[0] or ops.shape(identities)[0])
    other = ops.not_equal(rows[:, None], rows[None])
    positives = ops.logical_and(ops.logical_and(both, same), other)
    return positives, ops.logical_and(both, ops.logical_not(same))


def _has_both(positives, negatives):
    return ops.logical_and(ops.any(positives, 1), ops.any(negatives, 1))


def _nearest(distances, allowed):
    return ops.min(ops.where(allowed, distances, float("inf")), axis=-1)


def _farthest(distances, allowed):
    return ops.max(ops.where(allowed, distances, -1.0), axis=-1)


def _semi_hard(distances, negatives):
    """Distance of the negative for each anchor and positive, (B, B)."""
    farther = distances[:, None, :] > distances[:, :, None]
    candidates = ops.logical_and(farther, negatives[:, None, :])
    nearest = _nearest(distances[:, None, :], candidates)
    farthest = _farthest(distances, negatives)[:, None]
    return ops.where(ops.any(candidates, axis=-1), nearest, farthest)
