"""Checks of truths and weights given to `fit`, which can name the sample.

A compiled training step cannot raise: what it is fed must be right.
"""

import keras
import numpy as np

from mtvision.ops.box_faults import check_boxes
from mtvision.ops.truth_checks import check_class_indices, first_sample
from mtvision.training import shapes, truth


def check_truths(y, tasks, image_size=None, volume_size=None):
    """Raises if a truth cannot be what its task needs.

    A loss may have a method `check_truth(y_true, y_pred)`, which gets the
    truth as numpy and the symbolic output, whose maps have the size that such
    images give them, and raises a ValueError; and one
    `truth_boxes(y_true)`, which returns the truth's boxes (B, ..., 4) in
    pixels of the image, NaN where there is none; and one
    `check_image_size(y_true, image_size)`, which gets (H, W) of the images,
    or `None`, and raises like the first; or `check_volume_size(y_true,
    volume_size)`, which gets (D, H, W) of volumes.

    Args:
        y: Dict of arrays, or of dicts of arrays, by task.
        tasks: The model's `CompiledTasks`.
        image_size: (H, W) of the images, or `None` if it is not known.
        volume_size: (D, H, W) of the volumes, likewise.

    Raises:
        ValueError: If a name is unknown or missing, a shape does not fit, a
            value is infinite, a class index is out of range, or a box is
            outside of the image or without area; naming task and sample.
    """
    tasks.check_truth_keys(y)
    for name, value in y.items():
        _require_arrays(name, value)
    for path, array in named_arrays(y):
        bad = first_not_finite(array, np.isinf)
        if bad is not None:
            raise ValueError(
                f"Task {path}: the label of sample {bad} is infinite. Repair "
                "it, or set it to NaN if it is missing."
            )
    outputs = tasks.sized_outputs.of(image_size, volume_size)
    for name, task_loss in tasks.losses.items():
        y_true = keras.tree.map_structure(as_numpy, y[name])
        shapes.check_pair(name, task_loss.loss, y_true, outputs[name])
        try:
            _check_values(task_loss.loss, y_true, outputs[name], image_size)
            if hasattr(task_loss.loss, "check_volume_size"):
                task_loss.loss.check_volume_size(y_true, volume_size)
        except ValueError as error:
            raise ValueError(f"Task '{name}': {error}") from None


def check_weights(sample_weight):
    """Raises if sample weights are not finite or negative.

    Args:
        sample_weight: Array, or a dict of arrays by task; others pass.

    Raises:
        ValueError: Naming the task and the first sample.
    """
    if isinstance(sample_weight, dict):
        for name, value in sample_weight.items():
            _require_arrays(name, value, "sample weights")
    for path, array in named_arrays(sample_weight):
        bad = first_sample(array, lambda a: ~((a >= 0) & np.isfinite(a)))
        if bad is not None:
            raise ValueError(
                f"Sample weight {path}: expected finite numbers of 0 or "
                f"more, received {array[bad]} for sample {bad}. 0 means "
                "that the label is missing."
            )


def check_lengths(x, y, sample_weight):
    """Raises unless inputs, truths and weights have the same samples.

    Args:
        x: Array, or a list or dict of arrays; others pass.
        y: Dict of truths by task.
        sample_weight: Array, dict of arrays by task, or `None`.

    Raises:
        ValueError: Naming the task and both numbers.
    """
    inputs = [len(array) for _, array in named_arrays(x)]
    if not inputs:
        return
    for what, structure in (("truth", y), ("sample weights", sample_weight)):
        for path, array in named_arrays(structure):
            if len(array) != inputs[0]:
                raise ValueError(
                    f"Task {path}: expected {inputs[0]} samples, as the inputs "
                    f"have, received {len(array)} as {what}."
                )


def as_numpy(array):
    """An array or a tensor as numpy; anything else as it is.

    Args:
        array: Numpy array, tensor, or anything.

    Returns:
        Numpy array, if it was an array or a tensor.
    """
    return keras.ops.convert_to_numpy(array) if _is_array(array) else array


def is_array_data(x):
    """Whether inputs are arrays rather than a data set that has its truth.

    Args:
        x: What the user gave as inputs.

    Returns:
        Bool.
    """
    leaves = keras.tree.flatten(x) if isinstance(x, dict | list) else [x]
    return bool(leaves) and all(_is_array(leaf) for leaf in leaves)


def named_arrays(structure):
    """The numeric arrays of a structure.

    Args:
        structure: Array, tensor, list or dict of such, or anything.

    Yields:
        Pairs of a quoted path and a numpy array (B, ...).

    Raises:
        ValueError: If an array has no samples.
    """
    if not isinstance(structure, dict | list | tuple) and not _is_array(
        structure
    ):
        return
    for path, leaf in keras.tree.flatten_with_path(structure):
        leaf = as_numpy(leaf)
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fiu":
            _require_samples(leaf)
            yield repr("/".join(str(p) for p in path)) if path else "", leaf


def first_not_finite(array, is_bad):
    """Finds the first sample with a NaN or infinity that is bad.

    Args:
        array: Array (B, ...).
        is_bad: As for `first_sample`.

    Returns:
        Index of the sample, or `None`.
    """
    # One sum is much faster than a look at every element.
    if array.dtype.kind in "iu" or np.isfinite(array.sum()):
        return None
    return first_sample(array, is_bad)


def _is_array(x):
    return isinstance(x, np.ndarray) or keras.ops.is_tensor(x)


def _require_arrays(name, value, what="truth"):
    leaves = keras.tree.flatten(value)
    wrong = {type(v) for v in leaves if not _is_array(v)}
    if isinstance(value, list | tuple) or wrong & {int, float, bool, str}:
        raise ValueError(
            f"Task '{name}': expected an array (B, ...) or a dict of arrays "
            f"as {what}, received a {type(value).__name__}. Use "
            "numpy.array(...)."
        )
    for leaf in leaves:
        kind = leaf.dtype.kind if isinstance(leaf, np.ndarray) else "f"
        if kind in "OSU":
            raise ValueError(
                f"Task '{name}': expected numbers as {what}, received an "
                f"array of {leaf.dtype}. Turn names into class numbers, and "
                "rows of different lengths into one padded array."
            )


def _check_values(loss, y_true, y_pred, image_size):
    leaves = keras.tree.flatten(y_true)
    if not all(isinstance(leaf, np.ndarray) for leaf in leaves):
        return
    if hasattr(loss, "check_truth"):
        loss.check_truth(y_true, y_pred)
    elif truth.class_kind(loss) == "SparseCategorical":
        ignored = getattr(loss, "ignore_class", None)
        check_class_indices(y_true, y_pred.shape[-1], ignore_class=ignored)
    if hasattr(loss, "check_image_size"):
        loss.check_image_size(y_true, image_size)
    if hasattr(loss, "truth_boxes"):
        check_boxes(loss.truth_boxes(y_true), image_size)


def _require_samples(array):
    if array.ndim == 0 or not len(array):
        raise ValueError(
            "Expected arrays with one row for each sample, at least one, "
            f"received the shape {array.shape}."
        )
