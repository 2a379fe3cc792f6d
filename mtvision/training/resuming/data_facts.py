"""What the data of a training are, to tell them from others."""

import hashlib

import keras
import numpy as np

from mtvision.training import arrays
from mtvision.training.data_epochs import knows_epochs
from mtvision.training.resuming.array_batches import ArrayBatches

_VALIDATION = ("validation_freq", "validation_steps", "validation_batch_size")


def data_facts(data):
    """Describes data by their options and their first and last batch.

    Args:
        data: Data that `knows_epochs`.

    Returns:
        Dict of plain values.
    """
    options = {
        name: getattr(data, name)
        for name in ("batch_size", "shuffle", "seed", "num_samples")
        if hasattr(data, name)
    }
    return {
        "type": type(data).__name__,
        "batches": data.num_batches,
        **options,
        **{
            f"contents of batch {step} of epoch 0": digest(data.batch(0, step))
            for step in sorted({0, data.num_batches - 1})
        },
    }


def validation_facts(given):
    """Describes the validation of a `fit`.

    Args:
        given: Dict of the arguments of `fit`.

    Returns:
        Dict of plain values; empty without a validation.
    """
    data = given.get("validation_data")
    if data is None:
        return {}
    facts = {name: given.get(name) for name in _VALIDATION if given.get(name)}
    if isinstance(data, list | tuple):
        data = ArrayBatches(*data, batch_size=32, shuffle=False)
    if knows_epochs(data) and data.num_batches:
        return facts | data_facts(data)
    return facts | {"type": type(data).__name__}


def digest(batch):
    """A short text that other contents would not have.

    Args:
        batch: Nested arrays or tensors.

    Returns:
        Text of 16 hexadecimal digits.

    Example:

    >>> digest({"a": np.zeros(2)}) == digest({"a": np.ones(2)})
    False
    """
    found = hashlib.sha256()
    for path, leaf in keras.tree.flatten_with_path(batch):
        leaf = np.asarray(arrays.as_numpy(leaf))
        found.update(repr((path, leaf.shape, leaf.dtype.str)).encode())
        found.update(
            repr(leaf.tolist()).encode()
            if leaf.dtype.hasobject
            else np.ascontiguousarray(leaf).tobytes()
        )
    return found.hexdigest()[:16]
