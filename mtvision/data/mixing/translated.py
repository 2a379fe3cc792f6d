"""A data set in other names: of its fields, and of its classes."""

import numpy as np

from mtvision.data import fields
from mtvision.data.hints import hint
from mtvision.data.mixing import label_space
from mtvision.data.mixing.probing import known_fields
from mtvision.data.mixing.translated_description import TranslatedDescription
from mtvision.data.subset import refuse_mixture


class Translated(TranslatedDescription):
    """A source with fields renamed and classes numbered as others do.

    Args:
        source: Any object with `len(source)` and `source[i]`.
        keep: Fields that samples are to have, by their new names, besides
            images and `file`; by default all.
        rename: Dict from fields to their new names.
        classes: Dict from a field, by its new name, to the list of classes in
            the new order. Class numbers, maps of them, and vectors with a
            number for each class are translated by name.
        class_maps: Dict from a field, by its new name, to a dict from class
            names of the source to new ones, or to `None` for classes that are
            not to be learnt: objects of such a class are left out, labels and
            pixels are missing, -1. `{"cat": "animal", "dog": None}` says that
            dogs are none of the common classes: `annotated` calls all animals
            labelled, and a dog is a negative example. Where that is wrong,
            map neither to `animal`: `{"cat": None, "dog": None}` leaves it
            unlabelled, or give cats a class of their own.
        own_classes: Dict from a field, by its new name, to the list of the
            source's own classes; by default what `source.classes` says.

    Attributes:
        classes: Dict from field to its list of class names.

    A sample has the same fields; those of objects with translated classes
    gain `annotated` (C,): 1 for classes that this source labels, 0 for those
    of which it says nothing, so that their absence is no negative example.

    Raises:
        ValueError: If a field or a class is unknown, or its names are, or the
            source is a `Mixture`.

    Example:

    >>> class Animals(list):
    ...     classes = {"classes": ["cat", "dog"]}
    >>> animals = Animals([{"classes": np.array([1, 0])}])
    >>> sample = Translated(
    ...     animals, classes={"classes": ["cow", "dog", "cat"]}
    ... )[0]
    >>> sample["classes"].tolist(), sample["annotated"].tolist()
    ([1, 2], [0.0, 1.0, 1.0])
    """

    def __init__(
        self,
        source,
        *,
        keep=None,
        rename=None,
        classes=None,
        class_maps=None,
        own_classes=None,
    ):
        refuse_mixture(source, "translate")
        super().__init__(source)
        self.rename = dict(rename or {})
        self.keep = None if keep is None else list(keep)
        self._check_fields()
        known = getattr(source, "classes", None) or {}
        known = {self.rename.get(k, k): v for k, v in known.items()}
        if self.keep is not None:
            known = {k: v for k, v in known.items() if k in self.keep}
        known |= own_classes or {}
        classes, class_maps = classes or {}, class_maps or {}
        for field in class_maps:
            if field not in classes:
                raise ValueError(
                    f"class_maps names the field {field!r}, for which classes "
                    f"has no list: {sorted(classes)}."
                    f"{hint(field, classes)}"
                )
        self._numbers = {}
        for field, common in classes.items():
            if field not in known:
                raise ValueError(
                    f"The names of the classes of {field!r} are not known. "
                    f"Give them: own_classes={{{field!r}: [...]}}."
                )
            self._numbers[field] = label_space.class_numbers(
                list(known[field]),
                list(common),
                class_maps.get(field, {}),
                f"field {field!r}",
            )
        self.classes = known | {k: list(v) for k, v in classes.items()}

    def __getitem__(self, index):
        raw = self.source[index]
        sample = {self.rename.get(k, k): v for k, v in raw.items()}
        if self.keep is not None:
            sample = {k: v for k, v in sample.items() if self._is_kept(k)}
        for field, numbers in self._numbers.items():
            if sample.get(field) is not None:
                self._translate(sample, field, numbers)
        return sample

    def _translate(self, sample, field, numbers):
        value, count = np.asarray(sample[field]), len(self.classes[field])
        if fields.last_word(field) == "classes":
            found = label_space.translate_numbers(value, numbers, field)
            sample[field] = found
            if found.ndim != 1:
                raise ValueError(
                    f"field {field!r}: expected a class for each object, (M,), "
                    f"received shape {found.shape}."
                )
            _keep_objects(sample, field, (found >= 0) | (value < 0))
            annotated = label_space.annotated_classes(numbers, count)
            sample[fields.sibling(field, "annotated")] = annotated
        elif value.ndim == 1:
            sample[field] = label_space.translate_vector(value, numbers, count)
        else:
            sample[field] = label_space.translate_numbers(value, numbers, field)

    def _is_kept(self, name):
        always = name == "file" or fields.is_image_field(name)
        return always or name in self.keep

    def _check_fields(self):
        old = {new: name for name, new in self.rename.items()}
        wanted = [old.get(name, name) for name in self.keep or ()]
        known, readable = known_fields(self.source, [*self.rename, *wanted])
        if not readable:
            # It is said when a sample is asked for.
            return
        renamed = {self.rename.get(name, name) for name in known}
        for name in self.keep or ():
            if name not in renamed:
                raise ValueError(
                    f"There is no field {name!r} to keep among "
                    f"{sorted(renamed)}.{hint(name, renamed)}"
                )
        for name, new in self.rename.items():
            if name not in known:
                raise ValueError(
                    f"There is no field {name!r} to rename among "
                    f"{sorted(known)}.{hint(name, known)}"
                )
            if new in known and new not in self.rename:
                raise ValueError(
                    f"The field {name!r} cannot be renamed to {new!r}, which "
                    "is there already."
                )


def _keep_objects(sample, field, kept):
    """Keeps some rows of all fields that belong to the same objects."""
    for word in fields.OBJECT_AXES:
        name = fields.sibling(field, word)
        value = sample.get(name)
        if value is not None and fields.is_object_field(name, np.ndim(value)):
            sample[name] = np.asarray(value)[kept]
