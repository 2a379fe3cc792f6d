"""What a translated source says of its samples, as its source says it."""

import numpy as np

from mtvision.data import fields
from mtvision.data.hints import hint
from mtvision.data.wrapped_source import OF_KEYPOINTS, WrappedSource


class TranslatedDescription(WrappedSource):
    """What the source of a `Translated` says of its files, in new names.

    It has `files`, `path`, `findings`, `column` and `report`, and what is told
    of key points, only where the source has them, so that `hasattr` tells.

    Args:
        source: The source.

    Example:

    >>> class Photos(list):
    ...     files = ["a.png"]
    >>> photos = mtv.data.Translated(Photos([{"image": None}]))
    >>> photos.files, hasattr(photos, "path")
    (['a.png'], False)
    """

    forwarded = ("files", "path", "findings", "report", *OF_KEYPOINTS)

    @property
    def column(self):
        """Function from a field, by its new name, to the labels of all
        samples, in the new classes.
        """
        column = self.source.column
        return lambda name: self._column(column, name)

    def _column(self, column, name):
        kept = None if self.keep is None else [*self.keep, "file"]
        old = {new: before for before, new in self.rename.items()}
        gone = name in self.rename and name not in old
        if gone or (kept is not None and name not in kept):
            known = kept if kept is not None else list(old)
            raise ValueError(f"There is no column {name!r}.{hint(name, known)}")
        given = column(old.get(name, name))
        field, samples = name, [{name: label} for label in given]
        if name not in self._numbers:
            field = fields.sibling(name, "classes")
            is_of_objects = fields.last_word(name) in fields.OBJECT_AXES
            if field not in self._numbers or not is_of_objects:
                return given
            # Objects of a class that is left out are left out of all fields.
            for sample, numbers in zip(samples, column(old.get(field, field))):
                sample[field] = numbers
        for sample in samples:
            if sample[field] is not None:
                self._translate(sample, field, self._numbers[field])
        found = [sample[name] for sample in samples]
        return np.stack(found) if isinstance(given, np.ndarray) else found
