"""Checks of numpy arrays given to `fit`, which can name the sample.

A compiled training step cannot raise: what it is fed must be right. Data
sets are checked where they are read, in `mtvision.data`.
"""

import keras
import numpy as np

from mtvision.training import shapes, truth

_CHUNK = 1024


def check_inputs(x):
    """Raises if an input array holds NaN or infinity.

    Args:
        x: Array (B, ...), or a list or dict of arrays; others pass.

    Raises:
        ValueError: Naming the input and the first sample.
    """
    for path, array in _arrays(x):
        bad = _first_not_finite(array, lambda a: ~np.isfinite(a))
        if bad is not None:
            raise ValueError(
                f"Input {path}: sample {bad} holds NaN or infinity. Repair "
                "or leave out the sample."
            )


def check_truths(y, tasks):
    """Raises if a truth cannot be what its task needs.

    Args:
        y: Dict of arrays (or tensors, which pass) by task.
        tasks: The model's `CompiledTasks`.

    Raises:
        ValueError: If a name is unknown or missing, a shape does not fit, a
            value is infinite, or a class index is out of range; naming task
            and sample.
    """
    tasks.check_truth_keys(y)
    for path, array in _arrays(y):
        bad = _first_not_finite(array, np.isinf)
        if bad is not None:
            raise ValueError(
                f"Task {path}: the label of sample {bad} is infinite. Repair "
                "it, or set it to NaN if it is missing."
            )
    for name, loss in tasks.losses.items():
        if isinstance(y[name], np.ndarray):
            output = tasks.outputs[name]
            shapes.check_pair(name, loss.loss, y[name], output)
            _check_classes(name, y[name], output.shape[-1], loss.loss)


def check_weights(sample_weight):
    """Raises if sample weights are not finite or negative.

    Args:
        sample_weight: Array, or a dict of arrays by task; others pass.

    Raises:
        ValueError: Naming the task and the first sample.
    """
    for path, array in _arrays(sample_weight):
        bad = _first(array, lambda a: ~((a >= 0) & np.isfinite(a)))
        if bad is not None:
            raise ValueError(
                f"Sample weight {path}: expected finite numbers of 0 or "
                f"more, received {array[bad]} for sample {bad}. 0 means "
                "that the label is missing."
            )


def is_array_data(x):
    """Whether inputs are arrays rather than a data set that has its truth.

    Args:
        x: What the user gave as inputs.

    Returns:
        Bool.
    """
    leaves = keras.tree.flatten(x) if isinstance(x, dict | list) else [x]
    return bool(leaves) and all(isinstance(a, np.ndarray) for a in leaves)


def _check_classes(name, array, size, loss):
    sparse = truth.class_kind(loss) == "SparseCategorical"
    if not (sparse or getattr(loss, "takes_class_indices", False)):
        return
    if size is None:
        return
    size = max(size, 2)  # one channel tells two classes apart
    ignored = getattr(loss, "ignore_class", None)
    if array.min() >= -1 and array.max() < size:
        return  # so in nearly all data, and much faster to find out
    bad = _first(array, lambda a: ((a >= size) | (a < -1)) & (a != ignored))
    if bad is not None:
        classes = array[bad][array[bad] != ignored]
        wrong = classes.max() if (classes >= size).any() else classes.min()
        raise ValueError(
            f"Task '{name}': sample {bad} has the class {wrong}, but the "
            f"output has classes 0 to {size - 1}. A missing label is -1."
        )


def _arrays(structure):
    """Pairs of a quoted path and a numeric numpy array."""
    if not isinstance(structure, dict | list | tuple | np.ndarray):
        return
    for path, leaf in keras.tree.flatten_with_path(structure):
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fiu":
            yield repr("/".join(str(p) for p in path)) if path else "", leaf


def _first_not_finite(array, is_bad):
    _require_samples(array)
    # One sum is much faster than a look at every element.
    if array.dtype.kind in "iu" or np.isfinite(array.sum()):
        return None
    return _first(array, is_bad)


def _require_samples(array):
    if array.ndim == 0 or not len(array):
        raise ValueError(
            "Expected arrays with one row for each sample, at least one, "
            f"received the shape {array.shape}."
        )


def _first(array, is_bad):
    """Index of the first sample with a bad element, or `None`."""
    _require_samples(array)
    for start in range(0, len(array), _CHUNK):
        bad = is_bad(array[start : start + _CHUNK])
        if bad.any():
            axes = tuple(range(1, bad.ndim))
            return start + int(np.argmax(bad.any(axis=axes)))
    return None
