"""Which changes the samples of each source get."""

import warnings

from mtvision.data import fields
from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.random_flip import RandomFlip
from mtvision.data.batching.prepared import where
from mtvision.data.hints import hint


class AugmentOf:
    """The `Augment` of each sample, with the `flip_pairs` of its source.

    Args:
        source: The source, which may be a `Mixture`.
        augment: An `Augment`, a function of its signature, or a dict of such
            by the names of the sources of the mixture.

    Example:

    >>> flip = mtv.data.Augment([mtv.data.RandomFlip()])
    >>> AugmentOf([{}], flip)(0)
    Augment([RandomFlip(horizontal=0.5, vertical=0.0)], flip_pairs=None, \
min_visible=0.1, min_side=0, fill=0)
    """

    def __init__(self, source, augment):
        self.source = source
        self._warned = False
        sources = parts_of(source)
        self._by_name = {
            name: _with_pairs(
                augment.get(name) if isinstance(augment, dict) else augment, one
            )
            for name, one in sources.items()
        }

    def __call__(self, row):
        """The `Augment` of a sample, or `None`."""
        if len(self._by_name) == 1:
            return next(iter(self._by_name.values()))
        return self._by_name[self.source.name_of(row)]

    def check(self, sample, row):
        """Raises if a step cannot change the fields of a sample, and warns of
        mirrored key points whose left and right are not known.

        Args:
            sample: Dict of arrays; `None` is not judged.
            row: Its number.

        Raises:
            ValueError: Naming the step and the field.
        """
        augment = self(row)
        if sample is None or sample.get("image") is None:
            return
        if not isinstance(augment, Augment):
            return
        given = {
            name: value
            for name, value in sample.items()
            if value is not None and name != "file"
        }
        for name, value in given.items():
            try:
                augment.check_field(name, value, sample["image"].shape)
            except ValueError as error:
                raise ValueError(f"{where(sample, row)}: {error}") from None
        if not self._warned and augment.flip_pairs is None:
            points = [k for k, v in given.items() if _has_sides(k, v)]
            if points and any(map(_mirrors, augment.steps)):
                self._warned = True
                warnings.warn(
                    f"RandomFlip mirrors the key points {points} of "
                    f"{where(sample, row)}, but which of them are left and "
                    "right is not known: pass Augment(flip_pairs=[(1, 2)]), "
                    "or flip_pairs=() if there are none.",
                    stacklevel=6,
                )


def parts_of(source):
    """The sources of a mixture by name, or the source itself under ""."""
    if not hasattr(source, "name_of"):
        return {"": source}
    return getattr(_find(source, "sources"), "sources", {"": source})


def check_augment(augment, source):
    """Raises unless `augment` can be called, or is a dict of such.

    Args:
        augment: What `Batches` was given.
        source: Its source.

    Raises:
        ValueError: If it is something else, or names an unknown source.
    """
    if isinstance(augment, dict):
        names = parts_of(source)
        for name, one in augment.items():
            if name not in names or names == {"": source}:
                raise ValueError(
                    f"augment names the source {name!r}, which the mixture "
                    f"does not have: {list(names)}.{hint(str(name), names)}"
                )
            check_augment(one, source) if one is not None else None
    elif augment is not None and not callable(augment):
        raise ValueError(
            "Expected augment as an mtvision.data.Augment, or of a mixture a "
            f"dict of such by the names of its sources, received {augment!r}."
        )


def _with_pairs(augment, source):
    if not isinstance(augment, Augment) or augment.flip_pairs is not None:
        return augment
    known = _find(source, "flip_pairs")
    return augment if known is None else augment.with_pairs(known.flip_pairs)


def _find(source, name):
    """What has an attribute: the source, or one that it is made of."""
    while source is not None and not hasattr(source, name):
        source = getattr(source, "source", None)
    return source


def _has_sides(name, value):
    is_points = fields.last_word(name) == "keypoints"
    return is_points and value.ndim >= 2 and value.shape[-2] > 1


def _mirrors(step):
    return isinstance(step, RandomFlip) and step.horizontal > 0
