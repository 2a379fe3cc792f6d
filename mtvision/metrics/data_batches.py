"""Batches of a data set, for evaluations that go through it."""

import keras
import numpy as np
from keras import tree

from mtvision.ops.arrays import as_array


def count_batches(data):
    """How many batches there are, or `None` if it is not known.

    Args:
        data: `PyDataset`, `tf.data` pipeline or another iterable.

    Returns:
        An integer or `None`.

    Raises:
        ValueError: If it can be gone through once only, or has no end.

    Example:

    >>> count_batches([1, 2, 3])
    3
    """
    if hasattr(data, "__next__"):
        raise ValueError(
            "Expected data that can be gone through again after each epoch, "
            "received an iterator. Give the data set itself, or a list."
        )
    try:
        return len(data)
    except TypeError:
        pass
    cardinality = getattr(data, "cardinality", None)
    # tf.data has -1 for data without an end.
    if cardinality is not None and int(cardinality()) == -1:
        raise ValueError(
            "Expected data with an end, received a tf.data pipeline that "
            "repeats for ever. Leave out .repeat(), or add .take(n)."
        )
    return None


def read_batches(data):
    """Goes through a data set once.

    Args:
        data: As for `count_batches`, of `(inputs, truth)` or `(inputs, truth,
            sample_weights)`.

    Yields:
        `(inputs, truth, sample_weights)`: inputs as arrays, the others as
        they are; sample weights are `None` where there are none.

    Example:

    >>> data = [(keras.ops.ones((2, 3)), {"boxes": 0})]
    >>> [(inputs.shape, truth) for inputs, truth, _ in read_batches(data)]
    [((2, 3), {'boxes': 0})]
    """
    batches = data
    if isinstance(data, keras.utils.PyDataset):
        batches = (data[index] for index in range(len(data)))
    for inputs, y_true, *rest in batches:
        inputs = tree.map_structure(as_array, inputs)
        yield inputs, y_true, rest[0] if rest else None


def inputs_of(model, inputs):
    """Those of the inputs of a batch that a model has.

    A detector takes the image alone where the model in training takes boxes of
    the truth beside it.

    Args:
        model: `keras.Model`, functional or not.
        inputs: Dict of arrays, which may have more than the model takes; of
            other structures all are taken.

    Returns:
        Inputs in the structure of the model's.

    Example:

    >>> image = keras.Input((2,), name="image")
    >>> model = keras.Model(image, image)
    >>> inputs_of(model, {"image": np.ones((1, 2)), "proposals": 0}).shape
    (1, 2)
    """
    # Models that are not functional have none.
    if not isinstance(inputs, dict) or not getattr(model, "inputs", None):
        return inputs
    own = model.input
    if isinstance(own, dict) and set(own) <= set(inputs):
        return {name: inputs[name] for name in own}
    if isinstance(own, keras.KerasTensor) and own.name in inputs:
        return inputs[own.name]
    return inputs


def has_label(sample_weights, task, number):
    """Which samples of a batch carry a label, by their weights.

    Args:
        sample_weights: Dict from tasks to weights, weights of all tasks, or
            `None`.
        task: Name of the task.
        number: B.

    Returns:
        Bool array (B,).

    Raises:
        ValueError: If there is not a weight for each sample.

    Example:

    >>> has_label({"boxes": np.array([1.0, 0.0])}, "boxes", 2).tolist()
    [True, False]
    """
    if isinstance(sample_weights, dict):
        sample_weights = sample_weights.get(task)
    if sample_weights is None:
        return np.ones(number, bool)
    weights = as_array(sample_weights)
    if weights.shape[:1] != (number,):
        raise ValueError(
            f"Expected a sample weight of the task {task!r} for each of the "
            f"{number} samples of a batch, received the shape {weights.shape}."
        )
    return weights.any(axis=tuple(range(1, weights.ndim)))
