"""Focal losses of logits, exact also where the sigmoid is 0 or 1."""

from keras import ops

# Below this the focal factor counts as constant: its power has an infinite
# slope at 0.
_SMALLEST_ERROR = 1e-30
_MINUS_INFINITY = -1e9


def binary_focal(labels, logits, *, alpha=0.25, gamma=2.0):
    """Focal loss of yes-or-no labels, element by element.

    `alpha_t (1 - p_t) ** gamma (-log p_t)`, where p_t is the probability of
    the label and alpha_t is `alpha` for yes, `1 - alpha` for no. A label in
    between counts in proportion, in each of the three factors.

    Args:
        labels: Tensor (...), from 0 to 1.
        logits: Tensor (...).
        alpha: Weight of the label yes, from 0 to 1, or `None` for no weights.
        gamma: How much less an element counts that is nearly right; 0 gives
            the cross entropy.

    Returns:
        Tensor (...), float32.

    Raises:
        ValueError: If `alpha` or `gamma` is out of range.

    Example:

    >>> values = binary_focal([1.0, 0.0, 0.0], [0.0, 0.0, -100.0])
    >>> [round(float(x), 4) for x in values]
    [0.0433, 0.13, 0.0]

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017. Equal to
        torchvision's `sigmoid_focal_loss`, whose alpha of -1 is `None` here.
    """
    require_focal(alpha, gamma)
    labels, logits = ops.cast(labels, "float32"), ops.cast(logits, "float32")
    is_yes = labels > 0.5
    margin = ops.where(is_yes, -logits, logits)
    doubt = ops.where(is_yes, 1 - labels, labels)
    values = _focal_of_margin(margin, gamma, doubt)
    if alpha is None:
        return values
    return values * (1 - alpha + (2 * alpha - 1) * labels)


def categorical_focal(labels, logits, *, gamma=2.0):
    """Focal loss of class indices: `(1 - p_t) ** gamma (-log p_t)`.

    Args:
        labels: Tensor (...), class indices from 0 to C - 1.
        logits: Tensor (..., C). With C = 1 it is the logit of class 1 against
            class 0.
        gamma: How much less an element counts that is nearly right; 0 gives
            the cross entropy.

    Returns:
        Tensor (...), float32.

    Raises:
        ValueError: If `gamma` is negative.

    Example:

    >>> values = categorical_focal([0, 1], [[0.0, 0.0], [-100.0, 100.0]])
    >>> [round(float(x), 4) for x in values]
    [0.1733, 0.0]

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017, with the
        softmax in place of the sigmoid.
    """
    require_focal(None, gamma)
    logits = ops.cast(logits, "float32")
    labels = ops.cast(labels, "int32")
    num_classes = logits.shape[-1]
    if num_classes == 1:
        logits = logits[..., 0]
        margin = ops.where(labels == 1, -logits, logits)
        return _focal_of_margin(margin, gamma)
    classes = ops.arange(num_classes, dtype="int32")
    is_true = ops.expand_dims(labels, -1) == classes
    own = ops.sum(ops.where(is_true, logits, 0.0), axis=-1)
    others = ops.where(is_true, _MINUS_INFINITY, logits)
    # 1 - p_t is the sigmoid of this.
    margin = ops.logsumexp(others, axis=-1) - own
    return _focal_of_margin(margin, gamma)


def require_focal(alpha, gamma):
    """Raises unless the numbers make a focal loss.

    Args:
        alpha: Number or `None`.
        gamma: Number.

    Raises:
        ValueError: If `alpha` is not from 0 to 1 or `gamma` is negative.

    Example:

    >>> require_focal(0.25, 2.0)
    """
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(
            "Expected alpha from 0 to 1, or None for no weights; received "
            f"alpha={alpha}."
        )
    if not gamma >= 0:
        raise ValueError(f"Expected gamma >= 0, received gamma={gamma}.")


def _focal_of_margin(margin, gamma, doubt=0.0):
    """Focal loss without weights.

    `margin` is the logit of the wrong answer against the right one, and
    `doubt` the share, below a half, of a label that speaks for the wrong one.
    """
    # Not 1 - p_t, which cancels: both terms are exact for any margin.
    cross_entropy = ops.softplus(margin) - doubt * margin
    if gamma == 0:
        return cross_entropy
    error = ops.sigmoid(margin) * (1 - 2 * doubt) + doubt
    if gamma == 2:
        return ops.square(error) * cross_entropy
    error = ops.maximum(error, _SMALLEST_ERROR)
    return ops.power(error, gamma) * cross_entropy
