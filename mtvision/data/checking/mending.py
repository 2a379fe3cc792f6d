"""Mending a sample where there is one right way."""

import collections

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.checking import boxes as box_checks
from mtvision.data.checking import kinds
from mtvision.data.checking.labels import PARTIAL, points_of, unsound_numbers
from mtvision.data.checking.maps import class_maps, is_stray
from mtvision.data.checking.structure import take_apart

# Objects that are removed with their rows in every field.
REMOVED = (kinds.BOX_INVERTED, kinds.BOX_WITHOUT_AREA, kinds.BOX_DUPLICATE)


def mend(sample, known):
    """Mends what has one right way.

    Boxes are clipped at the edges of the image; boxes without area, inverted
    boxes and copies are removed with their rows in every field; a single box
    that is so becomes missing. Stray numbers in maps become -1, labels that
    are not finite and depths of zero or less become missing.

    Args:
        sample: Dict of fields, which stays as it is.
        known: Dict from field to number of classes.

    Returns:
        A new dict, and a Counter of what was mended, by kind.

    Example:

    >>> sample = {
    ...     "image": np.zeros((8, 8, 3), "uint8"),
    ...     "boxes": np.array([[2, 2, 9, 4], [3, 3, 3, 3]], "float32"),
    ... }
    >>> mended, counts = mend(sample, {})
    >>> mended["boxes"].tolist(), counts["box without area"]
    ([[2.0, 2.0, 8.0, 4.0]], 1)
    """
    sound, _ = take_apart(sample)
    counts = collections.Counter()
    before = dict(sound)
    for name in [name for name in sound if fields.is_box_field(name)]:
        _mend_boxes(sound, name, counts)
    for name, value in class_maps(sound).items():
        stray = is_stray(value.astype("int64"), known.get(name))
        if stray.any():
            counts[kinds.STRAY_MAP_VALUES] += 1
            numbers = value.astype("int64")
            sound[name] = np.where(stray, -1, numbers).astype("int32")
    for name, value in sound.items():
        sound[name] = _mend_numbers(name, value, counts)
    changed = {k: v for k, v in sound.items() if v is not before[k]}
    return {**sample, **changed}, counts


def _mend_boxes(sound, name, counts):
    faults = box_checks.faults_of(sound, name)
    outside = faults[kinds.BOX_PARTLY_OUTSIDE]
    clipped = outside | box_checks.over_the_edge(sound, name)
    if clipped.any():
        if outside.any():
            counts[kinds.BOX_PARTLY_OUTSIDE] += int(outside.sum())
        _clip(sound, name, clipped)
        # Boxes that differed outside of the image only are copies now.
        faults = box_checks.faults_of(sound, name)
    lost = np.zeros(len(outside), "bool")
    for kind in REMOVED:
        fault = faults.get(kind, lost[:0])
        if fault.any():
            counts[kind] += int(fault.sum())
            lost = lost | fault
    if fields.last_word(name) == "box":
        fault = faults[kinds.NON_FINITE]
        counts[kinds.NON_FINITE] += int(fault.sum())
        _forget(sound, name, lost | fault)
    elif lost.any():
        _remove_rows(sound, name, ~lost)


def _clip(sound, name, outside):
    value = sound[name]
    flat = np.array(value.reshape(-1, 4), np.result_type(value, "float32"))
    image_shape = sound["image"].shape
    flat[outside] = checks.clip_boxes(flat[outside], image_shape)
    sound[name] = flat.reshape(value.shape)


def _remove_rows(sound, name, kept):
    for word in fields.OBJECT_AXES:
        other = fields.sibling(name, word)
        if other in sound and fields.is_object_field(other, sound[other].ndim):
            sound[other] = sound[other][kept]


def _forget(sound, name, lost):
    """Whether and where a single object is, is not known any more."""
    if not lost.any():
        return
    for other in (name, fields.sibling(name, "present")):
        value = sound.get(other)
        if value is not None and value.size % len(lost) == 0:
            flat = value.reshape(len(lost), -1).astype("float32")
            flat[lost] = np.nan
            sound[other] = flat.reshape(value.shape)


def _mend_numbers(name, value, counts):
    word = fields.last_word(name)
    if word == "keypoints":
        return _mend_points(value, counts)
    if word in ("image", "box", "boxes"):
        return value
    unsound = unsound_numbers(name, value)
    if word == "depth" and (value <= 0).any():
        counts[kinds.DEPTH_NOT_POSITIVE] += 1
        value = value.astype(np.result_type(value, "float32"))
        value = np.where(value <= 0, np.nan, value)
    if unsound.any() and not np.isnan(value).all():
        counts[kinds.NON_FINITE] += 1
        # A map or a list keeps the parts that were measured.
        kept = unsound if word in PARTIAL else np.True_
        value = np.where(kept, np.nan, value).astype(value.dtype)
    return value


def _mend_points(value, counts):
    places, labelled = points_of(value)
    unsound = labelled & ~np.isfinite(places).all(axis=-1)
    if not unsound.any():
        return value
    counts[kinds.NON_FINITE] += int(unsound.sum())
    value = value.copy()
    value[unsound] = np.nan if value.shape[-1] == 2 else 0
    return value
