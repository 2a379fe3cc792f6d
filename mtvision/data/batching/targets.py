"""From the mapping of tasks to fields to the truth of a batch."""

import numpy as np

from mtvision.ops.keypoint_scores import FIELDS

# Of the truth of one object's key points, each of these by itself teaches
# something; its box and area do not.
KEYPOINT_LABELS = ("keypoints", "present")


def fields_of(structure):
    """The fields that an input or target names: a name, or a list, tuple or
    dict of names.

    Example:

    >>> fields_of({"boxes": "boxes", "classes": "classes"})
    ['boxes', 'classes']
    """
    if isinstance(structure, str):
        return [structure]
    if isinstance(structure, dict):
        structure = structure.values()
    return list(structure)


def check_structure(structure, what):
    """Raises unless an input or target is a name, or a tuple, list or dict of
    names.

    Args:
        structure: What the user gave.
        what: Its name for the message, as "task 'digit'".
    """
    if isinstance(structure, str):
        return
    sound = isinstance(structure, tuple | list | dict) and structure
    if not sound or not all(isinstance(k, str) for k in fields_of(structure)):
        raise ValueError(
            f"{what}: expected the name of a field, a tuple of names (joined "
            "to one vector) or a dict of names, received "
            f"{structure!r}."
        )


def assemble(structure, columns):
    """The array of a name, the joined vectors of a tuple, the dict of a dict.

    Args:
        structure: A name, tuple or dict of names.
        columns: Dict from field to its array (B, ...).

    Returns:
        Array, or dict of arrays. Names give the array of `columns` itself;
        tuples join along the last axis, which those with an axis less gain.

    Example:

    >>> columns = {"p": np.ones(2), "box": np.zeros((2, 4))}
    >>> assemble(("p", "box"), columns).shape
    (2, 5)
    """
    if isinstance(structure, str):
        return columns[structure]
    if isinstance(structure, dict):
        return {key: columns[name] for key, name in structure.items()}
    parts = [columns[name].astype("float32") for name in structure]
    rank = max(2, *(part.ndim for part in parts))
    parts = [part if part.ndim == rank else part[..., None] for part in parts]
    return np.concatenate(parts, axis=-1)


def joins(shapes):
    """Whether fields of these shapes, without B, can be joined by a tuple.

    Example:

    >>> joins([(), (4,)]), joins([(3,), (3, 4)]), joins([(2,), (3, 4)])
    (True, True, False)
    """
    rank = max(1, *(len(shape) for shape in shapes))
    leading = {shape[:-1] if len(shape) == rank else shape for shape in shapes}
    return len(leading) == 1 and len(*leading) == rank - 1


def weights(structure, labelled):
    """1 for samples that carry the label of a task, else 0.

    Args:
        structure: The fields of the task. In a tuple the first decides, in a
            dict every field is needed; of one object's `"keypoints"` with
            `"present"`, `"box"` or `"area"`, points or presence are enough.
        labelled: Dict from field to a bool array (B,).

    Returns:
        Float32 array (B,).

    Example:

    >>> weights(("p", "box"), {"p": np.array([True, False])}).tolist()
    [1.0, 0.0]
    """
    combine, names = np.all, fields_of(structure)
    if not isinstance(structure, dict):
        names = names[:1]
    elif "keypoints" in structure and structure.keys() <= set(FIELDS):
        combine = np.any
        names = [structure[k] for k in KEYPOINT_LABELS if k in structure]
    return combine([labelled[n] for n in names], axis=0).astype("float32")
