"""Which part of a task's truth carries a label, and with what weight."""

import keras
from keras import ops

from mtvision.ops import missing

# Keras' losses whose truth is a class index or a probability.
_CLASS_LOSSES = {
    "SparseCategorical": (
        keras.losses.SparseCategoricalCrossentropy,
        keras.losses.sparse_categorical_crossentropy,
    ),
    "Categorical": (
        keras.losses.CategoricalCrossentropy,
        keras.losses.categorical_crossentropy,
        keras.losses.CategoricalFocalCrossentropy,
        keras.losses.categorical_focal_crossentropy,
    ),
    "Binary": (
        keras.losses.BinaryCrossentropy,
        keras.losses.binary_crossentropy,
        keras.losses.BinaryFocalCrossentropy,
        keras.losses.binary_focal_crossentropy,
    ),
}

# Keras' other losses that are finite, with their gradients, for any numbers.
_SMOOTH_LOSSES = (
    keras.losses.MeanSquaredError,
    keras.losses.mean_squared_error,
    keras.losses.MeanAbsoluteError,
    keras.losses.mean_absolute_error,
    keras.losses.Huber,
    keras.losses.huber,
    keras.losses.LogCosh,
    keras.losses.log_cosh,
)


def as_tensors(y):
    """A truth as tensors.

    Args:
        y: Anything that becomes a tensor (B, ...), or a dict of such.

    Returns:
        Tensor, or dict of tensors.
    """
    if isinstance(y, dict):
        return {name: as_tensors(field) for name, field in y.items()}
    return ops.convert_to_tensor(y)


def split(loss, y_true, sample_weight=None):
    """Separates a truth into values that are safe and where they are labels.

    A loss with a method `labelled(y_true)` says itself which samples carry a
    label. For any other, a NaN or an integer -1 means "no label".

    Args:
        loss: A `keras.losses.Loss`, or `None` for a task without one.
        y_true: Truth, a tensor (B, ...) or a dict of tensors.
        sample_weight: Tensor (B,) or (B, ...), or `None`. Zero means "no
            label" too.

    Returns:
        The truth with zeros where there is no label, and a bool tensor
        (B,) or (B, ...): where there is one.
    """
    labelled = _labelled(loss, y_true)
    if sample_weight is not None:
        weight = standardize_weight(sample_weight)
        labelled, weight = _same_rank(labelled, weight)
        labelled = ops.logical_and(labelled, weight != 0)

    def fill(y):
        mask = missing.all_over_last_axes(labelled, len(y.shape))
        return missing.fill_missing(y, mask)

    return keras.tree.map_structure(fill, y_true), labelled


def labelled_like(values, labelled):
    """Which values carry a label: as `split` says, in the values' rank.

    Args:
        values: Tensor (B, ...).
        labelled: Bool tensor (B, ...), as `split` returns it.

    Returns:
        Bool tensor of the rank of `values`; where the axes do not agree, a
        sample counts as labelled if all of it is.
    """
    rank = len(values.shape)
    labelled = missing.all_over_last_axes(labelled, rank)
    pairs = zip(labelled.shape[1:], values.shape[1:])
    if any(a != b for a, b in pairs if a is not None and b is not None):
        labelled = missing.all_over_last_axes(labelled, 1)
    return missing.align(labelled, values)


def weights_like(values, labelled, sample_weight=None):
    """Weights that multiply values, zero where there is no label.

    Args:
        values: Tensor (B, ...).
        labelled: Bool tensor, as `labelled_like` returns it.
        sample_weight: Tensor (B,) or (B, ...), or `None`.

    Returns:
        Float32 tensor of the rank of `values`.
    """
    weights = ops.cast(labelled, "float32")
    if sample_weight is None:
        return weights
    weight = standardize_weight(sample_weight)
    if len(weight.shape) > len(values.shape):
        weight = ops.mean(
            weight, axis=tuple(range(len(values.shape), len(weight.shape)))
        )
    weight = missing.align(weight, values)
    # Not a product: 0 x NaN would be NaN.
    return ops.where(labelled, weight, weights)


def standardize_weight(sample_weight):
    """Sample weights as float32 (B,) or (B, ...); (B, 1) becomes (B,).

    Args:
        sample_weight: Tensor.

    Returns:
        Tensor.
    """
    weight = ops.cast(sample_weight, "float32")
    if len(weight.shape) == 2 and weight.shape[1] == 1:
        weight = ops.squeeze(weight, 1)
    return weight


def class_kind(loss):
    """Which of Keras' cross-entropies a loss is.

    Args:
        loss: A `keras.losses.Loss`, or `None`.

    Returns:
        `"SparseCategorical"`, `"Categorical"`, `"Binary"`, or `None`.
    """
    function = getattr(loss, "function", None)
    for kind, known in _CLASS_LOSSES.items():
        classes = tuple(one for one in known if isinstance(one, type))
        if isinstance(loss, classes) or function in known:
            return kind
    return None


def is_finite(loss):
    """Whether a loss is known to be finite, with its gradient.

    Args:
        loss: A `keras.losses.Loss`.

    Returns:
        True for Keras' cross-entropies and simple regression losses.
    """
    known = [one for kind in _CLASS_LOSSES.values() for one in kind]
    known += _SMOOTH_LOSSES
    return type(loss) in known or getattr(loss, "function", None) in known


def _labelled(loss, y_true):
    if hasattr(loss, "labelled"):
        return loss.labelled(y_true)
    if isinstance(y_true, dict):
        # A -1 in one of several fields pads a list of objects: only NaN
        # says that the label is missing.
        known = [
            missing.all_over_last_axes(missing.is_not_nan(y), 1)
            for y in keras.tree.flatten(y_true)
        ]
        return ops.all(ops.stack(known), axis=0)
    return missing.is_given(
        y_true,
        # A class index or probability is never negative.
        classes=class_kind(loss) is not None,
        ignore_class=getattr(loss, "ignore_class", None),
    )


def _same_rank(a, b):
    longer = a if len(a.shape) >= len(b.shape) else b
    return missing.align(a, longer), missing.align(b, longer)
