"""Norms of weighted gradients, and what moves them to where they should be."""

from keras import ops

from mtvision.ops.loss_weights import count_tasks, floored_losses, masked_mean


def relative_rates(losses, first, active):
    """How far each task lags: 1 for all if they train equally fast.

    Args:
        losses: Tensor (T,).
        first: Tensor (T,): the tasks' first losses.
        active: Bool tensor (T,).

    Returns:
        Tensor (T,): loss over first loss, over the mean of that.

    Example:

    >>> now, before = np.array([1.0, 6.0]), np.array([2.0, 4.0])
    >>> rates = relative_rates(now, before, now > 0)
    >>> [round(float(rate), 3) for rate in rates]
    [0.5, 1.5]
    """
    ratio = floored_losses(losses, active) / floored_losses(first, active)
    mean = masked_mean(ratio, active)
    return ratio / ops.where(mean > 0, mean, 1.0)


def norm_balance_slope(weights, norms, targets, active):
    """Slope of the distance of weighted norms from where they should be.

    The distance is the sum over tasks of `|weight * norm - mean * target|`,
    with the mean of all weighted norms held fast.

    Args:
        weights: Tensor (T,): T times a softmax over the active tasks.
        norms: Tensor (T,): the gradients' norms.
        targets: Tensor (T,): norms that are wanted, as shares of the mean.
        active: Bool tensor (T,).

    Returns:
        Tensor (T,): the slope along the logits of the softmax.

    Example:

    >>> two, norms = keras.ops.ones(2), keras.ops.array([1.0, 3.0])
    >>> [float(v) for v in norm_balance_slope(two, norms, two, two > 0)]
    [-2.0, 2.0]
    """
    weighted = weights * norms
    targets = masked_mean(weighted, active) * targets
    part = ops.where(active, weighted * ops.sign(weighted - targets), 0.0)
    return part - weights * ops.sum(part) / count_tasks(active)
