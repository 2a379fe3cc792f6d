"""Confusion matrices: exact counts of (true class, predicted class)."""

import keras
from keras import ops

from mtvision.ops.averages import spread_weight
from mtvision.ops.labels import is_labelled

_BASE = 2**24


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
    return ops.cast(ops.argmax(logits, axis=-1), "int32")


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


def weighted_cells(cells, kept, num_cells, *, sample_weight=None):
    """Sums the weights of the elements in each cell.

    Args:
        cells: Tensor (B, ...), int32, the number of each element's cell.
        kept: Bool tensor of the same shape, the elements that count.
        num_cells: N.
        sample_weight: `None`, or a tensor with the first axes of `cells`.

    Returns:
        `(counts, rest)`, both (N,). The int32 `counts` tell how many
        elements of a weight of 1 or more there are, exactly, where a float32
        sum of ones ends at 2 ** 24; the float32 `rest` is what the weights
        add up to beyond that.

    Example:

    >>> cells, kept = np.array([[1, 1, 0]]), np.array([[True, True, False]])
    >>> counts, rest = weighted_cells(cells, kept, 2, sample_weight=[1.5])
    >>> [int(x) for x in counts], [float(x) for x in rest]
    ([0, 2], [0.0, 1.0])
    """
    if sample_weight is None:
        return _sums(cells, kept, num_cells), ops.zeros(num_cells, "float32")
    weight = spread_weight(sample_weight, cells)
    weight = ops.where(kept, weight, 0.0)
    is_whole = weight >= 1
    rest = weight - ops.cast(is_whole, "float32")
    return _sums(cells, is_whole, num_cells), ops.cond(
        ops.any(rest != 0),  # seldom, so that the second sum costs nothing
        lambda: _sums(cells, kept, num_cells, rest),
        lambda: ops.zeros(num_cells, "float32"),
    )


def cell_sums(cells, num_cells, values=None):
    """Sums the values of each cell.

    Args:
        cells: Tensor (N,), int32, the number of each element's cell.
        num_cells: How many cells there are.
        values: Tensor (N,), float32; `None` counts the elements.

    Returns:
        Tensor (num_cells,), int32 or the dtype of `values`.

    Example:

    >>> [int(x) for x in cell_sums(ops.convert_to_tensor([2, 0, 2]), 3)]
    [1, 0, 2]
    """
    if values is None:
        values = ops.ones_like(cells)
    return ops.segment_sum(values, cells, num_segments=num_cells)


def add_counts(totals, counts, rest):
    """Adds the counts of a batch to totals that no int32 could hold.

    A total is `2 ** 24 * carries + units + fractions`, where the units stay
    below 2 ** 24 and the fractions below 1. Sums of parts, which replicas
    take, are totals again.

    Args:
        totals: `(carries, units, fractions)`, two integer tensors (...) and
            a float32 one.
        counts: Tensor (...), int32, below 2 ** 31 - 2 ** 25.
        rest: Tensor (...), float32.

    Returns:
        The new totals, int32, int32 and float32.

    Example:

    >>> [float(x) for x in add_counts((1, 2**24 - 1, 0.5), 2, 0.75)]
    [2.0, 2.0, 0.25]
    """
    carries, units, counts = (
        ops.cast(x, "int32") for x in (*totals[:2], counts)
    )
    whole = ops.floor(rest)
    carried = ops.floor(whole / _BASE)  # a power of two: exact
    fractions = ops.cast(totals[2], "float32") + (rest - whole)
    over = ops.floor(fractions)
    units = units + counts + ops.cast(whole - carried * _BASE + over, "int32")
    more = units // _BASE
    carries = carries + more + ops.cast(carried, "int32")
    return carries, units - more * _BASE, fractions - over


def total_counts(carries, units, fractions):
    """Totals as one number each.

    Args:
        carries: Array or tensor (...), as `add_counts` returns it.
        units: Likewise.
        fractions: Likewise. Its dtype, float32 or float64, is computed in.

    Returns:
        Array or tensor (...) of the dtype of `fractions`.

    Example:

    >>> float(total_counts(np.array(1), np.array(2), np.array(0.5)))
    16777218.5
    """
    if not ops.is_tensor(fractions):
        return float(_BASE) * carries + units + fractions
    carries, units = (ops.cast(x, fractions.dtype) for x in (carries, units))
    return _BASE * carries + units + fractions


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


def _sums(cells, kept, num_cells, values=None):
    """Sums of the kept elements; one cell more takes the others."""
    cells = ops.reshape(ops.where(kept, cells, num_cells), (-1,))
    if values is not None:
        values = ops.reshape(values, (-1,))
    return _cell_sums(cells, num_cells + 1, values)[:num_cells]


_cell_sums = cell_sums
if keras.backend.backend() == "torch":
    from mtvision.ops._torch import cell_sums as _cell_sums
