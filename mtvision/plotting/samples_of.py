"""From batches of any form to a list of samples."""

import numpy as np

from mtvision.ops.arrays import as_array
from mtvision.plotting.field_kinds import OBJECT_WORDS, last_word
from mtvision.plotting.task_fields import fields_of_task

FORMS = (
    "a sample (dict with an image), a list of samples, or a batch (inputs, "
    "targets) or (inputs, targets, sample_weights)"
)


def samples_of(batch, fields=None):
    """The samples of a batch, each a dict of fields.

    Args:
        batch: A sample; a list of samples; or a batch `(inputs, targets)` or
            `(inputs, targets, sample_weights)`, as `mtvision.data.Batches`
            gives it.
        fields: Dict from task to what it reads, as `Batches` has it.

    Returns:
        List of dicts. Labels of weight 0 are None.

    Raises:
        ValueError: If the form is none of these, a task of `fields` is not in
            the batch, or its arrays differ in length.

    Example:

    >>> images, labels = np.zeros((2, 8, 8, 3)), np.array([4, 5])
    >>> samples = samples_of((images, {"digit": labels}, {"digit": [1, 0]}))
    >>> [sample["digit"] for sample in samples]
    [np.int64(4), None]
    """
    if isinstance(batch, dict):
        return [_checked(batch)]
    if not isinstance(batch, tuple | list) or len(batch) == 0:
        raise ValueError(f"Expected {FORMS}; received {_described(batch)}.")
    if all(isinstance(each, dict) and _has_image(each) for each in batch):
        return [_checked(each) for each in batch]
    if len(batch) not in (2, 3) or not isinstance(batch[1], dict):
        raise ValueError(
            f"Expected {FORMS}, with a dict of targets by task; received "
            f"{_described(batch)}."
        )
    unknown = sorted(set(fields or {}) - set(batch[1]))
    if unknown:
        raise ValueError(
            f"fields= names the tasks {unknown}, but the batch has "
            f"{sorted(batch[1])}."
        )
    columns, owners = columns_of(batch[1], fields)
    weights = batch[2] if len(batch) == 3 else None
    labelled = _labelled(owners, weights)
    for name, images in _images(batch[0]).items():
        if last_word(name) in OBJECT_WORDS:
            # Of proposals, which have rows of their own.
            name = f"input_{name}"
        if name in columns:
            columns[f"target_{name}"] = columns.pop(name)
        columns[name] = images
    return rows_of(columns, labelled)


def columns_of(tasks, fields=None):
    """The fields of all tasks of a batch.

    Args:
        tasks: Dict from task to its array (B, ...) or dict of arrays.
        fields: Dict from task to what it reads.

    Returns:
        Dict from field to array (B, ...), and a dict from field to the list
        of tasks that read it. Where two tasks have different arrays by the
        same name, that of the second is called `task_field`.

    Example:

    >>> columns_of({"digit": np.array([7])}, {"digit": "label"})
    ({'label': array([7])}, {'label': ['digit']})
    """
    columns, owners = {}, {}
    for task, value in tasks.items():
        structure = (fields or {}).get(task)
        parts = fields_of_task(task, _arrays(value), structure)
        for name, part in parts.items():
            if name in columns and not _same(columns[name], part):
                name = f"{task}_{name}"
            columns[name] = part
            owners.setdefault(name, []).append(task)
    return columns, owners


def _same(a, b):
    numbers = a.dtype.kind == b.dtype.kind == "f"
    return a is b or np.array_equal(a, b, equal_nan=numbers)


def rows_of(columns, labelled=None):
    """Takes the arrays of a batch apart.

    Args:
        columns: Dict from field to array (B, ...).
        labelled: Dict from field to a bool array (B,).

    Returns:
        List of B dicts; what is not labelled is None.

    Raises:
        ValueError: If the arrays differ in length.

    Example:

    >>> rows_of({"count": [1, 2]})
    [{'count': 1}, {'count': 2}]
    """
    labelled = labelled or {}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"Expected arrays of one length B, received fields of {lengths}."
        )
    number = next(iter(lengths.values()), 0)
    return [
        {
            name: column[k] if labelled.get(name, _ALL)[k] else None
            for name, column in columns.items()
        }
        for k in range(number)
    ]


class _Everything:
    """Every sample is labelled."""

    def __getitem__(self, index):
        return True


_ALL = _Everything()


def _arrays(value):
    """A tensor, or a dict of tensors, as numpy arrays."""
    if isinstance(value, dict):
        return {key: _arrays(each) for key, each in value.items()}
    return as_array(value)


def _images(inputs):
    """The fields of the inputs of a model."""
    if isinstance(inputs, tuple | list):
        names = ["image", *(f"input{k}" for k in range(2, len(inputs) + 1))]
        inputs = dict(zip(names, inputs))
    if not isinstance(inputs, dict):
        inputs = {"image": inputs}
    columns = {}
    for name, column in inputs.items():
        column = _arrays(column)
        is_image = column.ndim == 4 and column.shape[-1] in (1, 3, 4)
        named = last_word(name) == "image"
        columns[name if named or not is_image else f"{name}_image"] = column
    return columns


def _labelled(owners, weights):
    """Which samples have a field, from the weights of the tasks that read it:
    one that counts is enough.
    """
    if not isinstance(weights, dict):
        return {}
    counts = {
        task: np.reshape(weight, (len(weight), -1)).any(axis=-1)
        for task, weight in ((t, _arrays(w)) for t, w in weights.items())
    }
    return {
        name: np.any([counts[task] for task in tasks], axis=0)
        for name, tasks in owners.items()
        if all(task in counts for task in tasks)
    }


def _has_image(sample):
    return any(
        last_word(name) == "image" and 2 <= np.ndim(value) <= 3
        for name, value in sample.items()
        if isinstance(name, str)
    )


def _checked(sample):
    if not _has_image(sample):
        raise ValueError(
            f"Expected a sample with a field 'image' (H, W, C), received "
            f"{_described(sample)}."
        )
    return {
        name: value
        if value is None or isinstance(value, str)
        else _arrays(value)
        for name, value in sample.items()
    }


def _described(value):
    if isinstance(value, dict):
        return f"a dict with {sorted(map(str, value))}"
    if isinstance(value, tuple | list):
        inner = ", ".join(type(each).__name__ for each in value[:4])
        return f"a {type(value).__name__} of {len(value)}: {inner}"
    return f"{type(value).__name__} {np.shape(value)}"
