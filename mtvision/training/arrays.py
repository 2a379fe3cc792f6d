"""Checks of numpy arrays given to `fit`, which can name the sample.

A compiled training step cannot raise: what it is fed must be right. Data
sets are checked where they are read, in `mtvision.data`.
"""

import keras
import numpy as np

from mtvision.training import truth

_CHUNK = 1024


def check_inputs(x):
    """Raises if an input array holds NaN or infinity.

    Args:
        x: Array (B, ...), or a list or dict of arrays; others pass.

    Raises:
        ValueError: Naming the input and the first sample.
    """
    for path, array in _arrays(x):
        bad = _first(array, lambda a: ~np.isfinite(a))
        if bad is not None:
            raise ValueError(
                f"Input {path}: sample {bad} holds NaN or infinity. Repair "
                "or leave out the sample."
            )


def check_truths(y, tasks):
    """Raises if a truth array cannot be what its task needs.

    Args:
        y: Dict of arrays by task; others pass.
        tasks: The model's `CompiledTasks`.

    Raises:
        ValueError: If a name is unknown or missing, a value is infinite, or
            a class index is out of range; naming task and sample.
    """
    arrays = list(_arrays(y))
    if not arrays:
        return
    tasks.check_truth_keys(y)
    for path, array in arrays:
        bad = _first(array, np.isinf)
        if bad is not None:
            raise ValueError(
                f"Task {path}: the label of sample {bad} is infinite. Repair "
                "it, or set it to NaN if it is missing."
            )
    for name, loss in tasks.losses.items():
        if truth.class_kind(loss.loss) == "SparseCategorical":
            _check_classes(name, y[name], tasks.outputs[name].shape[-1], loss)


def _check_classes(name, array, size, loss):
    if not isinstance(array, np.ndarray) or size is None:
        return
    ignored = getattr(loss.loss, "ignore_class", None)
    bad = _first(array, lambda a: (a >= size) & (a != ignored))
    if bad is not None:
        raise ValueError(
            f"Task '{name}': sample {bad} has the class {array[bad].max()}, "
            f"but the output has {size} channels, for classes 0 to "
            f"{size - 1}. A missing label is -1."
        )


def _arrays(structure):
    """Pairs of a quoted path and a numeric numpy array."""
    if isinstance(structure, np.ndarray):
        structure = {"": structure}
    if not isinstance(structure, dict | list | tuple):
        return
    for path, leaf in keras.tree.flatten_with_path(structure):
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fiu":
            yield repr("/".join(str(p) for p in path)), leaf


def _first(array, is_bad):
    """Index of the first sample with a bad element, or `None`."""
    if array.ndim == 0:
        return None
    for start in range(0, len(array), _CHUNK):
        bad = is_bad(array[start : start + _CHUNK])
        if bad.any():
            axes = tuple(range(1, bad.ndim))
            return start + int(np.argmax(bad.any(axis=axes)))
    return None
