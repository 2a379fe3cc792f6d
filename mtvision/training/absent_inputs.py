"""Inputs that a whole batch lacks: names that a dict does not have."""

import difflib

import keras
import numpy as np

from mtvision.training.inputs import (
    HOW_TO_LACK,
    coarsest_stride,
    is_of_integers,
    only_size,
)


def fill_absent_inputs(x, inputs, optional=(), layers=()):
    """Gives a dict the inputs that it lacks: missing ones, NaN or -1 all over.

    Args:
        x: Dict of arrays (B, ...) by the names of inputs; others pass.
        inputs: List of the model's symbolic inputs.
        optional: Names of the inputs that a sample may lack.
        layers: List of the model's layers. Images of any size get that of the
            other images, or of a cell of the coarsest map in use.

    Returns:
        `x`, or a new dict with all inputs.

    Raises:
        ValueError: Naming the input, if the model cannot do without it, or
            its name may be misspelt.

    Example:

    >>> age, size = (keras.Input((1,), name=name) for name in ("age", "size"))
    >>> x = fill_absent_inputs({"age": np.ones((2, 1))}, [age, size], {"size"})
    >>> x["size"].tolist()
    [[nan], [nan]]
    """
    if not isinstance(x, dict):
        return x
    absent = [tensor for tensor in inputs if tensor.name not in x]
    if not absent:
        return x
    names = [tensor.name for tensor in inputs]
    for tensor in absent:
        _require_absence(tensor, x, names, optional)
    number = len(next(iter(x.values())))
    stride = coarsest_stride(layers)

    def blank(tensor):
        rank = len(tensor.shape)
        sizes = only_size(x, inputs, rank) or [stride] * (rank - 2)
        sizes = [*sizes, 1] if rank > 3 else [1] * rank
        shape = [own or other for own, other in zip(tensor.shape[1:], sizes)]
        if is_of_integers(tensor):
            return np.full((number, *shape), -1, tensor.dtype)
        return np.full((number, *shape), np.nan, "float32")

    return {**x, **{tensor.name: blank(tensor) for tensor in absent}}


def _require_absence(tensor, x, names, optional):
    """Raises unless a dict may lack an input."""
    unknown = [name for name in x if name not in names]
    near = difflib.get_close_matches(tensor.name, map(str, unknown), n=1)
    start = (
        f"Input '{tensor.name}' is not there: received inputs named {list(x)}, "
        f"the model has {names}. " + (f"Is it {near[0]!r}? " if near else "")
    )
    # Bytes do not know -1.
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    has_mark = dtype.startswith(("int", "float", "bfloat"))
    if not (x and has_mark and tensor.name in optional):
        raise ValueError(f"{start}{HOW_TO_LACK}")
    if unknown:
        raise ValueError(
            f"{start}Rename or leave out what the model does not know: "
            f"{unknown}."
        )
