"""Truths of class indices that come with a weight of each pixel."""

from keras import ops

from mtvision.ops.labels import any_in_sample, is_labelled
from mtvision.ops.missing import mark_missing
from mtvision.ops.truth_checks import first_sample

_FIELDS = {"labels", "weights"}


def labels_and_weights(y_true):
    """Splits a truth into its labels and their weights.

    Args:
        y_true: Labels, or a dict `{"labels": ..., "weights": ...}` of labels
            (B, ...) and weights of the same shape.

    Returns:
        `(labels, weights)`; weights are `None` if there are none.

    Raises:
        ValueError: If a dict has other fields.

    Example:

    >>> labels_and_weights({"labels": [[2]], "weights": [[0.5]]})
    ([[2]], [[0.5]])
    """
    if not isinstance(y_true, dict):
        return y_true, None
    if set(y_true) != _FIELDS:
        raise ValueError(
            "Expected a truth of class indices, or a dict of 'labels' and "
            f"'weights', received a dict of {sorted(y_true)}."
        )
    return y_true["labels"], y_true["weights"]


def labelled_samples(y_true, *, ignore_class=None):
    """Which samples have a labelled element.

    Args:
        y_true: Labels (B, ...), or a dict as for `labels_and_weights`.
        ignore_class: A class index that means "unlabelled", or `None`.

    Returns:
        Bool tensor (B,).

    Example:

    >>> labels = ops.array([[255, 0], [255, -1]])
    >>> [bool(x) for x in labelled_samples(labels, ignore_class=255)]
    [True, False]
    """
    labels, _ = labels_and_weights(y_true)
    return any_in_sample(is_labelled(labels, ignore_class=ignore_class))


def mark_strays(y_true, y_pred):
    """Makes classes that predictions do not know missing labels.

    Args:
        y_true: Labels (B, ...), or a dict as for `labels_and_weights`.
        y_pred: Tensor (B, ..., C); with C = 1 there are two classes.

    Returns:
        A truth of the same structure, labels float32, NaN where missing.

    Example:

    >>> labels = mark_strays(ops.array([[1, 77]]), ops.zeros((1, 2, 3)))
    >>> [float(x) for x in labels[0]]
    [1.0, nan]
    """
    labels, weights = labels_and_weights(y_true)
    num_classes = max(y_pred.shape[-1], 2)
    labels = mark_missing(labels, is_labelled(labels, num_classes=num_classes))
    return labels if weights is None else {"labels": labels, "weights": weights}


def known_weights(weights, shape):
    """Weights as factors: 0 where they are NaN, as beyond an image's border.

    Args:
        weights: Tensor (B, ...), or with an axis of size 1 behind.
        shape: Shape of the labels that they belong to, (B, ...).

    Returns:
        Tensor (B, ...), float32.

    Raises:
        ValueError: If the static shapes differ: they would be repeated.

    Example:

    >>> [float(x) for x in known_weights([float("nan"), 2.0], (2,))]
    [0.0, 2.0]
    """
    weights = ops.cast(weights, "float32")
    if len(weights.shape) > len(shape) and weights.shape[-1] == 1:
        weights = weights[..., 0]
    pairs = list(zip(weights.shape, shape))
    fits = all(a == b for a, b in pairs if None not in (a, b))
    if len(weights.shape) != len(shape) or not fits:
        raise ValueError(
            f"Expected weights of the shape of the labels, {tuple(shape)}, "
            f"received {tuple(weights.shape)}. Give one weight for each label."
        )
    return ops.where(ops.isnan(weights), 0.0, weights)


def check_pixel_weights(weights, labels):
    """Raises unless each label has a weight.

    Args:
        weights: Array (B, ...), or `None`.
        labels: Array of the same shape.

    Raises:
        ValueError: If the shapes differ or a weight is negative.

    Example:

    >>> check_pixel_weights(np.ones((1, 2, 2)), np.zeros((1, 2, 2)))
    """
    if weights is None:
        return
    a, b = weights.shape, labels.shape
    if b not in (a, (*a, 1)) and a != (*b, 1):
        raise ValueError(
            f"the weights have shape {weights.shape}, the labels "
            f"{labels.shape}. Give one weight for each label."
        )
    sample = first_sample(weights, lambda x: x < 0)
    if sample is not None:
        raise ValueError(
            f"sample {sample} has a negative weight. Expected numbers of 0 "
            "or more."
        )
