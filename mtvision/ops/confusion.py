"""Confusion matrices: exact counts of (true class, predicted class)."""

from keras import ops

from mtvision.ops.exact_counts import weighted_cells
from mtvision.ops.exporting import argmax
from mtvision.ops.labels import is_labelled


def predicted_classes(logits):
    """The most likely class of every prediction.

    Args:
        logits: Tensor (..., C). With C = 1 it is the logit of class 1
            against class 0.

    Returns:
        Tensor (...), int32.

    Example:

    >>> [int(x) for x in predicted_classes([[-1.0, 2.0], [0.5, 0.1]])]
    [1, 0]
    >>> [int(x) for x in predicted_classes([[-1.0], [2.0]])]
    [0, 1]
    """
    logits = ops.convert_to_tensor(logits)
    if logits.shape[-1] == 1:
        return ops.cast(logits[..., 0] > 0, "int32")
    return argmax(logits)


def counted_classes(logits):
    """The most likely class of every prediction, or none.

    Args:
        logits: Tensor (..., C), as for `predicted_classes`.

    Returns:
        Tensor (...), int32; -1 where a logit is NaN.

    Example:

    >>> [int(x) for x in counted_classes([[-1.0, 2.0], [float("nan"), 0.1]])]
    [1, -1]
    """
    logits = ops.convert_to_tensor(logits)
    is_broken = ops.any(ops.isnan(logits), axis=-1)
    return ops.where(is_broken, -1, predicted_classes(logits))


def confusion_counts(
    labels, predictions, num_classes, *, ignore_class=None, sample_weight=None
):
    """Counts how often each class was taken for each class.

    Args:
        labels: Tensor (B, ...), class indices. Those that carry no label
            (see `is_labelled`) are left out.
        predictions: Tensor of the same shape, class indices below C. -1 is
            no class: it counts as the class after the true one (as class 0
            after the last), so that it is never a hit.
        num_classes: C.
        ignore_class: A class index that means "unlabelled".
        sample_weight: `None`, or a tensor with the first axes of `labels`:
            (B,) weighs samples, (B, H, W) weighs pixels.

    Returns:
        `(counts, rest)`, both (C, C): row = true class, column = predicted
        class. The int32 `counts` tell how many elements of a weight of 1 or
        more there are, exactly; the float32 `rest` is what the weights add
        up to beyond that: 0 if all are 0 or 1.

    Example:

    >>> counts, rest = confusion_counts([0, 1, 1, -1], [0, 1, 0, 0], 2)
    >>> [[int(x) for x in row] for row in counts]
    [[1, 0], [1, 1]]
    """
    labels = ops.convert_to_tensor(labels)
    counted = is_labelled(
        labels, num_classes=num_classes, ignore_class=ignore_class
    )
    classes = ops.cast(ops.where(counted, labels, 0), "int32")
    predictions = ops.cast(predictions, "int32")
    wrong = (classes + 1) % num_classes
    predictions = ops.where(predictions < 0, wrong, predictions)
    sums = weighted_cells(
        classes * num_classes + predictions,
        counted,
        num_classes**2,
        sample_weight=sample_weight,
    )
    return tuple(ops.reshape(x, (num_classes, num_classes)) for x in sums)


def mean_iou(counts):
    """Mean intersection over union of the classes that occur.

    Args:
        counts: Tensor (C, C), row = true class, column = predicted class.

    Returns:
        Scalar, float32. Classes that occur neither in truth nor in
        prediction are left out; 0 if nothing was counted.

    Example:

    >>> counts = [[3.0, 1.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]
    >>> round(float(mean_iou(counts)), 3)
    0.775
    """
    hits, present, predicted = _marginals(counts)
    union = present + predicted - hits
    return _mean_where(ops.divide_no_nan(hits, union), union > 0)


def macro_scores(counts):
    """Accuracy, and precision, recall and F1 as means over the classes.

    Args:
        counts: Tensor (C, C), row = true class, column = predicted class.

    Returns:
        Dict of scalars: `accuracy`, `precision`, `recall`, `f1`. Classes
        that the truth does not hold are left out of the means, a class
        that was never predicted has a precision of 0.

    Example:

    >>> scores = macro_scores([[3.0, 1.0], [0.0, 4.0]])
    >>> {k: round(float(v), 3) for k, v in scores.items()}
    {'accuracy': 0.875, 'precision': 0.9, 'recall': 0.875, 'f1': 0.873}
    """
    hits, present, predicted = _marginals(counts)
    scores = {
        "precision": ops.divide_no_nan(hits, predicted),
        "recall": ops.divide_no_nan(hits, present),
        "f1": ops.divide_no_nan(2 * hits, present + predicted),
    }
    accuracy = ops.divide_no_nan(ops.sum(hits), ops.sum(present))
    means = {k: _mean_where(v, present > 0) for k, v in scores.items()}
    return {"accuracy": accuracy, **means}


def _marginals(counts):
    counts = ops.convert_to_tensor(counts, dtype="float32")
    return ops.diag(counts), ops.sum(counts, axis=1), ops.sum(counts, axis=0)


def _mean_where(values, kept):
    kept = ops.cast(kept, values.dtype)
    return ops.divide_no_nan(ops.sum(values * kept), ops.sum(kept))
