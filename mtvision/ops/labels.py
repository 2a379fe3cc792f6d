"""Which integer labels, and which samples, carry a label at all."""

from keras import ops

from mtvision.ops.missing import is_given


def is_labelled(labels, *, num_classes=None, ignore_class=None):
    """Tells labels from placeholders.

    Args:
        labels: Tensor of any shape, class indices of any number dtype.
        num_classes: C. When given, indices of C and more count as
            unlabelled too.
        ignore_class: An index that means "unlabelled", such as 255.

    Returns:
        Boolean tensor, of the shape of `labels`; False where the label is
        negative, NaN or the ignored class.

    Example:

    >>> [bool(x) for x in is_labelled([0, 3, -1, 255], ignore_class=255)]
    [True, True, False, False]
    """
    labels = ops.cast(labels, "float32")
    labelled = is_given(labels, classes=True, ignore_class=ignore_class)
    if num_classes is not None:
        labelled = ops.logical_and(labelled, labels < num_classes)
    return labelled


def is_share(labels):
    """Tells labels that are yes, no or in between from placeholders.

    Args:
        labels: Tensor of any shape and number dtype.

    Returns:
        Boolean tensor, of the shape of `labels`; True from 0 to 1.

    Example:

    >>> [bool(x) for x in is_share([0.0, 0.5, 1.0, -1.0, 7.0])]
    [True, True, True, False, False]
    """
    labels = ops.cast(labels, "float32")
    return ops.logical_and(labels >= 0, labels <= 1)


def any_in_sample(mask):
    """Whether anything is set in each sample.

    Args:
        mask: Boolean tensor (B, ...).

    Returns:
        Boolean tensor (B,).

    Example:

    >>> [bool(x) for x in any_in_sample([[True, False], [False, False]])]
    [True, False]
    """
    mask = ops.convert_to_tensor(mask)
    inner = tuple(range(1, len(mask.shape)))
    return ops.any(mask, axis=inner) if inner else mask


def match_rank(labels, predictions):
    """Drops the last axis of labels (..., 1) for predictions (..., C).

    Args:
        labels: Tensor (...) or (..., 1).
        predictions: Tensor (..., C), with as many axes as the longer form.

    Returns:
        Tensor (...).

    Raises:
        ValueError: If the labels fit the predictions in neither form.

    Example:

    >>> import numpy as np
    >>> match_rank(np.zeros((2, 5, 5, 1)), np.zeros((2, 5, 5, 3))).shape
    (2, 5, 5)
    """
    rank = len(predictions.shape)
    if len(labels.shape) == rank and labels.shape[-1] == 1:
        return labels[..., 0]
    if len(labels.shape) != rank - 1:
        raise ValueError(
            "Expected one class index a prediction: labels of shape (...) "
            "or (..., 1) for predictions (..., C). Received labels of shape "
            f"{tuple(labels.shape)}, predictions of shape "
            f"{tuple(predictions.shape)}. Turn one-hot labels into class "
            "indices with argmax."
        )
    return labels


def class_factors(class_weights, num_classes, name):
    """Factors of the classes as a tensor.

    Args:
        class_weights: Sequence of C numbers.
        num_classes: C.
        name: What asks, for the message.

    Returns:
        Tensor (C,), float32.

    Raises:
        ValueError: If there is not one factor a class.

    Example:

    >>> [float(x) for x in class_factors([1, 2], 2, "loss")]
    [1.0, 2.0]
    """
    if len(class_weights) != num_classes:
        raise ValueError(
            f"{name} was given {len(class_weights)} class_weights for "
            f"{num_classes} classes. Give one factor a class."
        )
    return ops.convert_to_tensor(class_weights, dtype="float32")
