"""From the mapping of tasks to fields to the truth of a batch."""

import difflib

import numpy as np

from mtvision.data import fields

MISSING = {"f": np.nan, "i": -1}
DTYPES = {"f": "float32", "i": "int32"}


class FieldSpec:
    """The type and shape that a field has in every sample of a source.

    Args:
        name: Name of the field.
        value: An array, the value of a sample that has the field.
        place: The name of that sample, for messages.
        max_objects: Number of rows to pad to, or None.
    """

    def __init__(self, name, value, place, *, max_objects=None):
        self.name = name
        self.place = place
        self.kind = "f" if value.dtype.kind == "f" else "i"
        self.dtype = DTYPES[self.kind]
        if fields.is_image_field(name):
            self.dtype = "float32"
        self.objects = fields.is_object_field(name, value.ndim)
        self.shape = value.shape
        if self.objects:
            self.shape = (max_objects, *value.shape[1:])

    def stack(self, values, places):
        """Stacks the values of a batch.

        Args:
            values: List of B arrays, None for what is missing.
            places: List of the names of the B samples, for messages.

        Returns:
            An array (B, ...) and a bool array (B,), true where labelled.
        """
        batch = np.empty((len(values), *self.shape), self.dtype)
        labelled = np.array([value is not None for value in values])
        for row, value in enumerate(values):
            if value is None:
                batch[row] = self._filling()
            elif self.objects:
                self._check(value.shape[1:], self.shape[1:], places[row])
                batch[row, len(value) :] = self._filling()
                batch[row, : len(value)] = value
            else:
                self._check(value.shape, self.shape, places[row])
                self._check_kind(value, places[row])
                batch[row] = value
        return batch, labelled

    def _filling(self):
        """Padding rows have class -1 and zeros elsewhere; what is missing is
        NaN or -1.
        """
        axes = len(self.shape)
        if self.objects and not (self.kind == "i" and axes == 1):
            return 0
        return MISSING[self.kind]

    def _check_kind(self, value, place):
        if self.kind == "i" and value.dtype.kind == "f":
            raise ValueError(
                f"Field {self.name!r} holds {value.dtype} in {place}, but "
                f"integers in {self.place}. Give all samples one type."
            )

    def _check(self, shape, expected, place):
        if shape == expected:
            return
        remedy = (
            "Pass image_size= to resize images and labels."
            if fields.is_image_field(self.name) or len(shape) > 1
            else "Every sample needs the same number of values."
        )
        raise ValueError(
            f"Field {self.name!r} has shape {tuple(shape)} in {place}, but "
            f"{tuple(expected)} in {self.place}. {remedy}"
        )


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
        Array, or dict of arrays. Names give the array of `columns` itself.

    Example:

    >>> columns = {"p": np.ones(2), "box": np.zeros((2, 4))}
    >>> assemble(("p", "box"), columns).shape
    (2, 5)
    """
    if isinstance(structure, str):
        return columns[structure]
    if isinstance(structure, dict):
        return {key: columns[name] for key, name in structure.items()}
    parts = [columns[name] for name in structure]
    return np.concatenate(
        [part.reshape(len(part), -1).astype("float32") for part in parts],
        axis=-1,
    )


def weights(structure, labelled):
    """1 for samples that carry the label of a task, else 0.

    Args:
        structure: The fields of the task. In a tuple the first decides, in a
            dict every field is needed.
        labelled: Dict from field to a bool array (B,).

    Returns:
        Float32 array (B,).

    Example:

    >>> weights(("p", "box"), {"p": np.array([True, False])}).tolist()
    [1.0, 0.0]
    """
    names = fields_of(structure)
    if not isinstance(structure, dict):
        names = names[:1]
    return np.all([labelled[name] for name in names], axis=0).astype("float32")


def hint(name, known):
    """Proposes the nearest known name, or says nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
