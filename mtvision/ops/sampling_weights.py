"""Sampling of positives and negatives, as weights instead of a draw."""

from keras import ops


def sampling_weights(positive, negative, number, positive_share):
    """The chance of each place to be in a balanced random sample.

    A sample of an image has `number` places at most, of which at most the
    given share is positive; negatives fill the rest. Detectors draw one at
    random at every step. The sum over a sample has the same mean as the sum
    over all places, each with the chance that it is drawn as its weight: so
    a loss with these weights is the mean of the losses with random samples.
    It is the same at every call, has no state, and its gradient is less
    noisy. Where there are no more places than would be drawn, all have a
    weight of 1, and the two are equal.

    Args:
        positive: Bool tensor (B, A).
        negative: Bool tensor (B, A), false where positive.
        number: Places in a sample.
        positive_share: Largest share of positives among `number`.

    Returns:
        `(weights, count)`: tensors (B, A), from 0 to 1, and (B,), the sum of
        the weights of an image, which is the number of places drawn.

    Example:

    >>> positive = np.array([[True, True, False, False, False]])
    >>> weights, count = sampling_weights(positive, ~positive, 3, 0.34)
    >>> [round(float(w), 2) for w in weights[0]], float(count[0])
    ([0.5, 0.5, 0.67, 0.67, 0.67], 3.0)

    Reference:
        Ren et al., Faster R-CNN, 2015, draws 256 anchors; Girshick, Fast
        R-CNN, 2015, 64 regions. The numbers are those of torchvision's
        `BalancedPositiveNegativeSampler`.
    """
    positive, negative = (ops.cast(x, "float32") for x in (positive, negative))
    positives, negatives = (ops.sum(x, axis=1) for x in (positive, negative))
    most = float(int(number * positive_share))
    of_positives = ops.minimum(positives, most)
    of_negatives = ops.minimum(negatives, number - of_positives)
    chance = of_positives / ops.maximum(positives, 1.0)
    weights = positive * ops.expand_dims(chance, -1)
    chance = of_negatives / ops.maximum(negatives, 1.0)
    weights += negative * ops.expand_dims(chance, -1)
    return weights, of_positives + of_negatives
