"""What a field looks like in every sample."""

import numpy as np

from mtvision.data import fields

MISSING = {"f": np.nan, "i": -1}
DTYPES = {"f": "float32", "i": "int32"}
# By their kind, and not by the first sample, which may have no object.
OBJECT_DTYPES = {
    "boxes": "float32",
    "keypoints": "float32",
    "area": "float32",
    "masks": "uint8",
    "classes": "int32",
    "crowd": "int32",
    "difficult": "int32",
    "phrases": "int32",
}


class FieldSpec:
    """The type and shape that a field has in every sample of a source.

    Args:
        name: Name of the field.
        value: An array, the value of a sample that has the field.
        place: The name of that sample, for messages.
        max_objects: Number of rows to pad to, or None.
        optional: Whether it is an input that a sample may lack: then it is
            NaN all over, or -1, whatever it holds.
    """

    def __init__(self, name, value, place, *, max_objects=None, optional=False):
        self.name = name
        self.place = place
        self.optional = optional
        self.kind = "f" if value.dtype.kind == "f" else "i"
        self.dtype = DTYPES[self.kind]
        if fields.is_image_field(name):
            self.dtype = "float32"
        self.objects = fields.is_object_field(name, value.ndim)
        self.shape = value.shape
        if self.objects:
            self.dtype = OBJECT_DTYPES[fields.last_word(name)]
            self.kind = "f" if self.dtype == "float32" else "i"
            self._check_whole(value, place)
            self.shape = (max_objects, *value.shape[1:])
        if optional and self.dtype == "uint8":
            # Bytes do not know -1.
            self.dtype = "int32"

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
                batch[row] = self._missing()
                continue
            self.check(value, places[row])
            if self.objects:
                batch[row, len(value) :] = self._filling()
                batch[row, : len(value)] = value
            else:
                batch[row] = value
        return batch, labelled

    def check(self, value, place):
        """Raises unless a value can stand in a batch with the others.

        Args:
            value: Array.
            place: The name of its sample, for the message.

        Raises:
            ValueError: If shape or type differ from those of the first one.
        """
        if self.objects:
            self._check(value.shape[1:], self.shape[1:], place)
            self._check_whole(value, place)
        else:
            self._check(value.shape, self.shape, place)
            self._check_kind(value, place)

    def rows(self, value, row):
        """How many objects a value is of.

        Args:
            value: Array.
            row: Number of its sample, for the message.

        Returns:
            An int.

        Raises:
            ValueError: If it is a single number.
        """
        if value.ndim == 0:
            raise ValueError(
                f"Field {self.name!r} of sample {row} is a single number, "
                f"{value}. Expected one for each object, as in {self.place}."
            )
        return len(value)

    def _missing(self):
        """What stands for a field that a sample lacks."""
        if not self.optional:
            return self._filling()
        return np.nan if self.dtype == "float32" else -1

    def _filling(self):
        """Padding rows have class -1 and zeros elsewhere; what is missing is
        NaN or -1, but an image is zeros.
        """
        if fields.is_image_field(self.name):
            return 0
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

    def _check_whole(self, value, place):
        """Raises for rows of integers that would not stay what they are."""
        if self.kind == "f" or value.dtype.kind in "bu":
            return
        lowest = 0 if self.dtype == "uint8" else -1
        if not ((value >= lowest) & (value == np.floor(value))).all():
            raise ValueError(
                f"Field {self.name!r} of {place} holds {value.dtype}, some of "
                f"it no whole numbers from {lowest}: expected {self.dtype}."
            )

    def _check(self, shape, expected, place):
        if shape == expected:
            return
        remedy = self._remedy(shape, expected)
        raise ValueError(
            f"Field {self.name!r} has shape {tuple(shape)} in {place}, but "
            f"{tuple(expected)} in {self.place}. {remedy}"
        )

    def _remedy(self, shape, expected):
        is_image = fields.is_image_field(self.name)
        if fields.last_word(self.name) == "keypoints":
            return (
                "All samples need the same number of key points, and all those "
                "of one object, (K, 3), or all those of several, (M, K, 3). "
                "Rename the field of one source: "
                "mtvision.data.Translated(source, rename={...})."
            )
        if is_image and shape[-1] != expected[-1]:
            return (
                "Give all images the same channels, for example "
                "PIL.Image.convert('RGB'); mtvision.data.read_image does so."
            )
        if is_image or len(shape) > 1:
            return "Pass image_size= to resize images and labels."
        return "Every sample needs the same number of values."
