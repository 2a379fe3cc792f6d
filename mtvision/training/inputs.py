"""Checks of the arrays that go into a model, against its inputs.

Keras would find a wrong shape too, but could not say what to do about it.
"""

import keras
import numpy as np

from mtvision.ops.truth_checks import first_sample
from mtvision.training import arrays

HOW_TO_LACK = (
    "The model was not built to do without it. Let "
    "`mtvision.layers.MaskMissing` be the only layer that reads this input, "
    "and train with some samples that lack it, NaN all over, or -1 all over if "
    "it is of integers (`mtvision.data.Batches(optional_inputs=...)` fills "
    "them so); or give it to every sample."
)


def check_inputs(x, inputs, optional=(), unchecked=()):
    """Raises if input arrays do not fit a model, or hold what is no number.

    Args:
        x: Array (B, ...), or a list or dict of arrays; others pass.
        inputs: List of the model's symbolic inputs.
        optional: Names of the inputs that a sample may lack.
        unchecked: Names of those that may hold NaN.

    Raises:
        ValueError: Naming the input and what to do, or the first sample.
    """
    for tensor, array in _pairs(x, inputs):
        _check_shape(tensor, array)
    if unchecked:
        x = {tensor.name: array for tensor, array in _pairs(x, inputs)}
        x = {k: v for k, v in x.items() if k not in unchecked}
    check_missing(x, inputs, optional)
    check_numbers(x, inputs)


def check_numbers(x, inputs):
    """Raises if inputs hold what is no number, but for those that are missing.

    A backend may turn NaN into some number, without a word.

    Args:
        x: As for `check_inputs`.
        inputs: List of the model's symbolic inputs.

    Raises:
        ValueError: Naming the input and the first sample.
    """
    for path, array in arrays.named_arrays(x):
        bad = arrays.first_not_finite(array, _is_bad)
        if bad is not None:
            name = path or repr(inputs[0].name)
            raise ValueError(
                f"Input {name}: sample {bad} holds NaN or infinity. Repair "
                "or leave out the sample."
            )
    for tensor, array in _pairs(x, inputs):
        _check_whole(tensor, array)


def check_missing(x, inputs, optional=()):
    """Raises if a sample lacks an input that the model cannot do without.

    An input is missing where it is NaN all over, or -1 all over if the
    model's input is of integers.

    Args:
        x: As for `check_inputs`.
        inputs: List of the model's symbolic inputs.
        optional: As for `check_inputs`.

    Raises:
        ValueError: Naming the input and the first sample.
    """
    for tensor, array in _pairs(x, inputs):
        if tensor.name in optional or array.dtype.kind not in "fi":
            continue
        value = "-1" if is_of_integers(tensor) else "NaN"
        sample = _first_missing(array, value)
        if sample is not None:
            raise ValueError(
                f"Input '{tensor.name}': sample {sample} holds {value} all "
                f"over: it is missing. {HOW_TO_LACK}"
            )


def check_room(x, inputs, layers):
    """Raises if images are smaller than a cell of the coarsest map in use.

    Layers look at that too, but they see no sizes once a backend has compiled
    them for any.

    Args:
        x: As for `check_inputs`.
        inputs: List of the model's symbolic inputs.
        layers: List of the model's layers; some have a `coarsest_stride`.

    Raises:
        ValueError: Naming the size.
    """
    size = image_size(x, inputs)
    stride = coarsest_stride(layers)
    if size is not None and min(size) < stride:
        raise ValueError(
            f"The coarsest level in use has a stride of {stride} pixels, but "
            f"the images have only {size[0]} x {size[1]}. Give images of "
            f"{stride} pixels or more, or use fewer levels."
        )


def coarsest_stride(layers):
    """Pixels that a cell of the coarsest map in use spans.

    Args:
        layers: As for `check_room`.

    Returns:
        Whole number, 1 if no layer tells.
    """
    strides = [getattr(layer, "coarsest_stride", 1) for layer in layers]
    return max(strides, default=1)


def image_size(x, inputs):
    """Height and width of a model's images.

    Args:
        x: As for `check_inputs`.
        inputs: List of the model's symbolic inputs.

    Returns:
        `(H, W)`, or `None` if there is no image or there are several sizes.
    """
    return only_size(x, inputs, 4)


def volume_size(x, inputs):
    """Depth, height and width of a model's volumes.

    Args:
        x: As for `check_inputs`.
        inputs: List of the model's symbolic inputs.

    Returns:
        `(D, H, W)`, or `None` as for `image_size`.
    """
    return only_size(x, inputs, 5)


def only_size(x, inputs, rank):
    """Sizes along the inner axes of all inputs of a rank.

    Args:
        x: As for `check_inputs`.
        inputs: List of the model's symbolic inputs.
        rank: Number of axes, 4 for images.

    Returns:
        Tuple, or `None` as for `image_size`.
    """
    arrays_given = (array for _, array in _pairs(x, inputs))
    sizes = {a.shape[1:-1] for a in arrays_given if a.ndim == rank}
    return sizes.pop() if len(sizes) == 1 else None


def _pairs(x, inputs):
    """Pairs of a symbolic input and its array; what is unclear is left out."""
    if isinstance(x, dict):
        named = [(t, x[t.name]) for t in inputs if t.name in x]
    else:
        given = x if isinstance(x, list | tuple) else [x]
        named = zip(inputs, given) if len(given) == len(inputs) else ()
    named = [(tensor, arrays.as_numpy(array)) for tensor, array in named]
    return [pair for pair in named if isinstance(pair[1], np.ndarray)]


def _is_bad(array):
    """Where an array is not finite, but for samples of NaN all over."""
    nan = np.isnan(array)
    missing = nan.all(axis=tuple(range(1, array.ndim)), keepdims=True)
    return ~np.isfinite(array) & ~missing


def _first_missing(array, value):
    """The first sample that is NaN, or -1, all over; or `None`."""

    def is_missing(a):
        axes = tuple(range(1, a.ndim))
        return (np.isnan(a) if value == "NaN" else a == -1).all(axis=axes)

    if not array.ndim:
        return None
    find = arrays.first_not_finite if value == "NaN" else first_sample
    return find(array, is_missing)


def is_of_integers(tensor):
    """Whether an input is of integers, which have no NaN.

    Args:
        tensor: Symbolic input.

    Returns:
        Bool.
    """
    return "int" in keras.backend.standardize_dtype(tensor.dtype)


def _check_shape(tensor, array):
    expected, given = tuple(tensor.shape), array.shape
    # A list of proposals may well be empty.
    if 0 in given[1:] and is_of_integers(tensor):
        raise ValueError(
            f"Input '{tensor.name}': received an array of shape {given}, "
            "whose samples hold no value. A text without words is a row of "
            "zeros, as `mtvision.data.Vocabulary.encode` gives it."
        )
    if _fits(given, expected):
        return
    raise ValueError(
        f"Input '{tensor.name}': expected an array of shape {expected}, "
        f"received {given}. {_remedy(given, expected)}"
    )


def _check_whole(tensor, array):
    if array.dtype.kind != "f" or not is_of_integers(tensor):
        return
    sample = first_sample(array, lambda a: a != np.floor(a))
    if sample is not None:
        values = array[sample]
        wrong = values[values != np.floor(values)][0]
        raise ValueError(
            f"Input '{tensor.name}': sample {sample} holds {wrong:g}, expected "
            f"whole numbers, as the model's input is of {tensor.dtype}."
        )


def _fits(given, expected):
    # Keras adds and removes a last axis of size 1.
    if len(given) == len(expected) + 1 and given[-1] == 1:
        given = given[:-1]
    elif len(expected) == len(given) + 1 and expected[-1] == 1:
        expected = expected[:-1]
    sizes = zip(given, expected)
    same = all(m == n for m, n in sizes if n is not None)
    return len(given) == len(expected) and same


def _remedy(given, expected):
    if _fits((1, *given), expected):
        return "A single sample needs a first axis: x[None]."
    if len(expected) != 4:
        return "Reshape the array, or build the model for such inputs."
    channels = expected[3]
    if len(given) == 4 and given[1] == channels != given[3]:
        return "Move the channels last: np.moveaxis(x, 1, -1)."
    if len(given) == 3 and channels is not None:
        return f"Give grey images channels: np.stack([x] * {channels}, -1)."
    if len(given) == 4 and given[3] == 1:
        return f"Repeat the grey channel: np.repeat(x, {channels}, -1)."
    if len(given) == 4 and given[3] == 4 and channels == 3:
        return "Leave out the alpha channel: x[..., :3]."
    return "Resize the images, or build the model for this size."
