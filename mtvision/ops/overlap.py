"""Soft counts of what truth and prediction share: Dice, Tversky, Jaccard."""

from keras import ops

from mtvision.ops.labels import is_labelled


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


def soft_overlap(labels, probabilities, *, ignore_class=None, squared=False):
    """Soft pixel counts of every class in every sample.

    True positives are `shared`, false positives `predicted - shared`, false
    negatives `present - shared`.

    Args:
        labels: Tensor (B, ...), class indices. Pixels that carry no label
            (see `is_labelled`) count nowhere.
        probabilities: Tensor (B, ..., C). With C = 1 it is the probability
            of class 1 against class 0.
        ignore_class: A class index that means "unlabelled".
        squared: Whether `predicted` sums the squares of the probabilities.

    Returns:
        `(shared, present, predicted)`, each (B, C): the probability that
        lies on the pixels of the class, the number of these pixels, and
        the probability that lies anywhere.

    Example:

    >>> labels = [[0, 1, 1, 255]]
    >>> p = [[[0.9, 0.1], [0.4, 0.6], [0.0, 1.0], [0.5, 0.5]]]
    >>> counts = soft_overlap(labels, p, ignore_class=255)
    >>> [[round(float(x), 2) for x in c[0]] for c in counts]
    [[0.9, 1.6], [1.0, 2.0], [1.3, 1.7]]
    """
    probabilities = ops.convert_to_tensor(probabilities)
    channels = probabilities.shape[-1]
    num_classes = max(channels, 2)
    valid = is_labelled(
        labels, num_classes=num_classes, ignore_class=ignore_class
    )
    labels = ops.where(valid, ops.convert_to_tensor(labels), 0)
    labels = ops.expand_dims(ops.cast(labels, "int32"), -1)
    classes = ops.arange(num_classes - channels, num_classes, dtype="int32")
    valid = ops.expand_dims(valid, -1)
    hit = ops.logical_and(labels == classes, valid)
    pixels = tuple(range(1, len(probabilities.shape) - 1))
    weight = ops.square(probabilities) if squared else probabilities
    return (
        ops.sum(ops.where(hit, probabilities, 0.0), axis=pixels),
        ops.sum(ops.cast(hit, probabilities.dtype), axis=pixels),
        ops.sum(ops.where(valid, weight, 0.0), axis=pixels),
    )
