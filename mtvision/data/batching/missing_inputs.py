"""Inputs of a model that a sample may lack."""

import numpy as np

from mtvision.data import fields
from mtvision.data.batching.field_spec import FieldSpec
from mtvision.data.batching.targets import fields_of
from mtvision.data.hints import hint

# Samples that are looked at for an input that none of them has.
PROBES = 100


def check_optional(optional, inputs):
    """Raises unless fields are such that the model reads as inputs.

    Args:
        optional: Names of the fields that a sample may lack.
        inputs: What `Batches` was given: a name, list or dict of names.

    Raises:
        ValueError: If it is no list or tuple, or names another field.

    Example:

    >>> check_optional(("words",), {"picture": "image", "text": "words"})
    """
    if not isinstance(optional, list | tuple | set):
        raise ValueError(
            "Expected optional_inputs as a tuple of names of fields, received "
            f"{optional!r}: write (name,) for one."
        )
    known = fields_of(inputs)
    for name in optional:
        if name not in known:
            raise ValueError(
                f"optional_inputs names {name!r}, but the fields of inputs "
                f"are {known}.{hint(str(name), known)}"
            )


def require_inputs(given, places, optional=()):
    """Raises if a sample lacks an input that the model cannot do without.

    Args:
        given: Dict from each field of inputs to a bool array (B,): whether a
            sample has it.
        places: List of B names of samples, `None` for one that was skipped.
        optional: Names of the fields that may be missing.

    Raises:
        ValueError: Naming the first sample, and the field.

    Example:

    >>> require_inputs({"image": np.array([False])}, [None])
    """
    for name, found in given.items():
        if name in optional:
            continue
        for is_given, place in zip(found, places):
            if not is_given and place is not None:
                raise ValueError(
                    f"{place} has no field {name!r}, which is an input of the "
                    "model. Only labels may be missing, and what "
                    "optional_inputs names."
                )


def spec_of_missing(source, name, image_size=None):
    """The form of an input that is missing in all samples: of NaN or -1 all
    over, which tells at least its shape.

    Args:
        source: The source.
        name: Name of the field.
        image_size: (height, width) that images are resized to, or `None`.

    Returns:
        A `FieldSpec`, or `None` if no sample has an array there.

    Example:

    >>> spec_of_missing([{"words": np.full(7, -1)}], "words").shape
    (7,)
    """
    for index in range(min(len(source), PROBES)):
        value = source[index].get(name)
        if value is None:
            continue
        value = np.asarray(value)
        if fields.is_image_field(name) and image_size is not None:
            value = np.full((*image_size, value.shape[-1]), np.nan, "float32")
        return FieldSpec(name, value, f"sample {index}", optional=True)
    return None
