"""What is counted and measured of one sample."""

from typing import NamedTuple

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.checking.boxes import real_rows, stated
from mtvision.data.checking.duplicates import digest_of
from mtvision.data.checking.labels import points_of
from mtvision.data.checking.maps import class_maps, count_values
from mtvision.data.checking.pictures import is_of_one_colour, near_hash
from mtvision.data.checking.structure import is_given


class Measures(NamedTuple):
    """What is counted and measured of one sample.

    Attributes:
        fields: Its fields but the file, whether given or not.
        objects: Dict from each field that is given to its number of objects,
            None where it has no row for each.
        size: (H, W) of the image, or None.
        sides: Array (M, 2): width and height of each sound box.
        classes: Dict from field to dict from class number to count.
        depth: Dict from field to the share of pixels not measured.
        points: Dict from field to array (K,): how often each is labelled.
        digest: 16 bytes of the pixels, or None.
        near: `near_hash` of the image, or None.
    """

    fields: tuple
    objects: dict
    size: tuple | None
    sides: np.ndarray
    classes: dict
    depth: dict
    points: dict
    digest: bytes | None
    near: int | None


def measure(sample, sound, *, near=False):
    """Counts and measures one sample.

    Args:
        sample: Whatever a source gave, a dict.
        sound: Its sound fields, see `take_apart`.
        near: Whether to compute `near_hash`.

    Returns:
        `Measures`.

    Example:

    >>> sample = {"image": np.zeros((4, 6, 3)), "label": np.array(3)}
    >>> measure(sample, sample).classes
    {'label': {3: 1}}
    """
    image = sound.get("image")
    # Images of one colour resemble one another, and say nothing.
    hashed = near and image is not None and not is_of_one_colour(image)
    return Measures(
        fields=tuple(name for name in sample if name != "file"),
        objects={
            name: _number(name, sound)
            for name in sample
            if name != "file" and _is_labelled(name, sample, sound)
        },
        size=None if image is None else image.shape[:2],
        sides=_sides(sound),
        classes=_classes(sound),
        depth={
            name: float(np.isnan(value).mean())
            for name, value in sound.items()
            if fields.last_word(name) == "depth" and value.dtype.kind == "f"
        },
        points={
            name: _labelled(name, sound)
            for name in sound
            if fields.last_word(name) == "keypoints"
        },
        digest=None if image is None else digest_of(image),
        near=near_hash(image) if hashed else None,
    )


def _is_labelled(name, sample, sound):
    if is_given(name, sample[name]):
        return True
    # An object that is known not to be there has no box.
    present = sound.get(fields.sibling(name, "present"))
    if fields.last_word(name) != "box" or present is None:
        return False
    return bool((present == 0).all())


def _number(name, sound):
    if name not in sound or not fields.is_object_field(name, sound[name].ndim):
        return None
    return int(real_rows(sound, name).sum())


def _sides(sound):
    found = [np.zeros((0, 2))]
    for name in sound:
        if fields.last_word(name) == "boxes":
            boxes, there = stated(sound, name)
            sides = boxes[:, 2:] - boxes[:, :2]
            solid = np.isfinite(sides).all(axis=-1) & (sides > 0).all(axis=-1)
            found.append(sides[there & solid])
    return np.concatenate(found)


def _classes(sound):
    """Class numbers of labels, of objects, and of the pixels of maps."""
    found = {name: count_values(value) for name, value in _labels(sound)}
    for name, value in class_maps(sound).items():
        found[name] = count_values(value)
        found[name].pop(checks.IGNORED, None)
    return {
        name: {number: k for number, k in counts.items() if number >= 0}
        for name, counts in found.items()
    }


def _labels(sound):
    for name, value in sound.items():
        integers = value.dtype.kind in "bui"
        if integers and (
            value.ndim == 0 or fields.last_word(name) == "classes"
        ):
            yield name, value


def _labelled(name, sound):
    value = sound[name]
    labelled = points_of(value)[1].reshape(-1, value.shape[-2])
    if value.ndim == 3:
        labelled = labelled[real_rows(sound, name)]
    return labelled.sum(axis=0)
