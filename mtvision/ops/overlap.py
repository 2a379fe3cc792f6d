"""Soft counts of what truth and prediction share: Dice, Tversky, Jaccard."""

from keras import ops

from mtvision.ops.labels import is_labelled
from mtvision.ops.pixel_weights import known_weights


def probabilities(logits):
    """Class probabilities of logits.

    Args:
        logits: Tensor (..., C). With C = 1 it is the logit of class 1
            against class 0.

    Returns:
        Tensor (..., C): softmax, or the sigmoid if C = 1.

    Example:

    >>> [float(x) for x in probabilities([3.0, 3.0])]
    [0.5, 0.5]
    """
    logits = ops.convert_to_tensor(logits)
    if logits.shape[-1] == 1:
        return ops.sigmoid(logits)
    return ops.softmax(logits, axis=-1)


def class_shares(labels, predictions, *, ignore_class=None, multi_label=False):
    """How far each pixel belongs to each class.

    Args:
        labels: Tensor (B, ...), class indices; with `multi_label`
            (B, ..., C), from 0 to 1.
        predictions: Tensor (B, ..., C). With C = 1, class indices speak of
            class 1 against class 0.
        ignore_class: A label that means "unlabelled".
        multi_label: Whether a pixel may belong to several classes.

    Returns:
        `(shares, labelled)`: tensor (B, ..., C), float32, and a boolean
        tensor (B, ..., C) or (B, ..., 1). Shares are 0 where no label is.

    Example:

    >>> shares, labelled = class_shares([[1, -1]], np.zeros((1, 2, 2)))
    >>> [[float(x) for x in row] for row in shares[0]]
    [[0.0, 1.0], [0.0, 0.0]]
    >>> [bool(x) for x in labelled[0, :, 0]]
    [True, False]
    """
    if multi_label:
        labelled = is_labelled(labels, ignore_class=ignore_class)
        return ops.where(labelled, ops.cast(labels, "float32"), 0.0), labelled
    labels = ops.convert_to_tensor(labels)
    channels = predictions.shape[-1]
    num_classes = max(channels, 2)
    labelled = is_labelled(
        labels, num_classes=num_classes, ignore_class=ignore_class
    )
    labels = ops.cast(ops.where(labelled, labels, 0), "int32")
    labels, labelled = (ops.expand_dims(x, -1) for x in (labels, labelled))
    classes = ops.arange(num_classes - channels, num_classes, dtype="int32")
    is_class = ops.logical_and(labels == classes, labelled)
    return ops.cast(is_class, "float32"), labelled


def soft_overlap(
    shares, probabilities, labelled, *, squared=False, weights=None
):
    """Soft pixel counts of every class in every sample.

    True positives are `shared`, false positives `predicted - shared`, false
    negatives `present - shared`.

    Args:
        shares: Tensor (B, ..., C), from 0 to 1: see `class_shares`.
        probabilities: Tensor (B, ..., C).
        labelled: Boolean tensor (B, ..., C) or (B, ..., 1). Other pixels
            count nowhere.
        squared: Whether `present` and `predicted` sum squares.
        weights: `None`, or how much each pixel counts, (B, ...).

    Returns:
        `(shared, present, predicted)`, each (B, C): the probability that
        lies on the pixels of the class, the number of these pixels, and
        the probability that lies anywhere.

    Example:

    >>> p = [[[0.9, 0.1], [0.4, 0.6], [0.0, 1.0], [0.5, 0.5]]]
    >>> shares = class_shares([[0, 1, 1, -1]], np.array(p))
    >>> counts = soft_overlap(shares[0], p, shares[1])
    >>> [[round(float(x), 2) for x in c[0]] for c in counts]
    [[0.9, 1.6], [1.0, 2.0], [1.3, 1.7]]
    """
    probabilities = ops.where(
        labelled, ops.convert_to_tensor(probabilities), 0.0
    )
    pixels = tuple(range(1, len(probabilities.shape) - 1))
    terms = [shares * probabilities, shares, probabilities]
    if squared:
        terms[1:] = [ops.square(x) for x in terms[1:]]
    if weights is not None:
        factor = known_weights(weights, probabilities.shape[:-1])[..., None]
        terms = [factor * x for x in terms]
    return tuple(ops.sum(x, axis=pixels) for x in terms)


def overlap_ratio(part, whole, smooth):
    """`(part + smooth) / (whole + smooth)`, and 1 for nothing of nothing.

    Args:
        part: Tensor (...).
        whole: Tensor (...) of 0 or more.
        smooth: Number, or a pair of numbers: for `part` and for `whole`.

    Returns:
        Tensor (...), NaN where `whole` is.

    Example:

    >>> ratio = overlap_ratio(ops.array([1.0, 0.0]), ops.array([2.0, 0.0]), 0)
    >>> [float(x) for x in ratio]
    [0.5, 1.0]
    """
    above, below = smooth if isinstance(smooth, list | tuple) else (smooth,) * 2
    whole = whole + below
    is_empty = whole <= 0  # False for NaN, which must not become a score
    ratio = (part + above) / ops.where(is_empty, 1.0, whole)
    return ops.where(is_empty, 1.0, ratio)
