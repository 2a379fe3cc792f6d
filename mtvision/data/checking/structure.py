"""Whether a sample can be looked at: its fields, their types and shapes."""

import collections.abc

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.checking import kinds
from mtvision.data.checking.finding import Finding

# Fields of text; any other text is no label that a network can learn.
TEXT_WORDS = ("file", "caption")
RANKS = {
    "boxes": (2,),
    "classes": (1,),
    "masks": (3,),
    "keypoints": (2, 3),
    "crowd": (1,),
    "difficult": (1,),
    "area": (1,),
    "phrases": (2,),
}


def as_array(value):
    """A value as an array, of objects if rows differ in length.

    Example:

    >>> as_array([[1], [2, 3]]).dtype
    dtype('O')
    """
    try:
        return np.asarray(value)
    except ValueError:
        return np.array(value, "object")


def is_given(name, value):
    """Whether a label is there.

    Args:
        name: Name of the field.
        value: Array, text or None. -1 in a list of classes is padding, so that
            a list of nothing but -1 is given.

    Example:

    >>> is_given("label", np.array(-1)), is_given("classes", np.array([-1]))
    (False, True)
    """
    if value is None:
        return False
    value = as_array(value)
    if value.dtype.kind in "US":
        return value.size > 0 and value.tolist() not in ("", b"")
    if value.dtype.kind not in "iuf":
        return True
    # Areas that are not known are rows of objects still.
    rows = fields.is_object_field(name, value.ndim)
    if rows and (value.dtype.kind != "f" or fields.is_area_field(name, value)):
        return True
    return not fields.is_missing(value)


def take_apart(sample):
    """Separates the sound fields of a sample from the others.

    Args:
        sample: Whatever a source gave.

    Returns:
        Dict of the sound labels that are given, as arrays, and a list of
        `Finding` about the others.

    Example:

    >>> image = np.zeros((4, 6, 3), "uint8")
    >>> sample = {"image": image, "semantic": np.zeros((6, 4), "int32")}
    >>> sound, findings = take_apart(sample)
    >>> list(sound), findings[0].kind
    (['image'], 'size differs from the image')
    """
    if not isinstance(sample, collections.abc.Mapping):
        detail = f"expected a dict, received {type(sample).__name__}"
        return {}, [Finding(kinds.NO_IMAGE, "", detail)]
    pictures = [
        name
        for name, value in sample.items()
        if fields.is_image_field(str(name)) and value is not None
    ]
    findings = [] if pictures else [_no_image(sample)]
    sound = {}
    for name, value in sample.items():
        if not is_given(name, value) or fields.last_word(name) in TEXT_WORDS:
            continue
        value = as_array(value)
        fault = _fault(name, value)
        if fault is None:
            sound[name] = value
        else:
            findings.append(fault)
    findings += _remove(sound, _sizes(sound))
    findings += _remove(sound, _rows(sound))
    return sound, findings


def _no_image(sample):
    return Finding(kinds.NO_IMAGE, "", f"it has the fields {sorted(sample)}")


def _fault(name, value):
    """What is wrong with a field on its own."""
    if fields.is_image_field(name):
        return _image_fault(name, value)
    if value.dtype.kind in "US":
        detail = f"{value.tolist()!r:.60}"
        return Finding(kinds.TEXT, name, detail)
    try:
        _check(name, value)
    except ValueError as error:
        return Finding(kinds.UNSOUND_LABEL, name, str(error))
    return None


def _image_fault(name, value):
    try:
        checks.check_image(value)
    except ValueError as error:
        finite = value.dtype.kind != "f" or np.isfinite(value).all()
        kind = kinds.UNSOUND_IMAGE if finite else kinds.NON_FINITE
        return Finding(kind, name, str(error))
    return None


def _check(name, value):
    word = fields.last_word(name)
    if value.dtype.kind not in "buif":
        raise ValueError(f"expected numbers, received {value.dtype}")
    if word in ("box", "boxes"):
        checks.check_boxes_shape(value)
    if word == "normals":
        checks.check_normals(value)
    elif word in fields.MAP_WORDS and value.ndim != 2:
        raise ValueError(f"expected (H, W), received shape {value.shape}")
    if value.ndim not in RANKS.get(word, (value.ndim,)):
        wanted = " or ".join(map(str, RANKS[word]))
        raise ValueError(f"expected {wanted} axes, received {value.shape}")
    if word == "keypoints" and value.shape[-1] not in (2, 3):
        raise ValueError(
            f"expected x, y and perhaps visibility, received {value.shape}"
        )


def _sizes(sound):
    """Fields whose size is not that of the image."""
    if "image" not in sound:
        return
    for name, value in sound.items():
        try:
            checks.check_size(name, value, sound["image"].shape)
        except ValueError as error:
            yield Finding(kinds.SIZE_DIFFERS, name, str(error))


def _rows(sound):
    """Fields of objects whose numbers of rows differ from one another."""
    groups = {}
    for name, value in sound.items():
        if fields.is_object_field(name, value.ndim):
            boxes = fields.sibling(name, "boxes")
            groups.setdefault(boxes, {})[name] = len(value)
    for lengths in groups.values():
        if len(set(lengths.values())) > 1:
            detail = ", ".join(f"{k} {v}" for k, v in lengths.items())
            yield from (Finding(kinds.ROWS_DIFFER, k, detail) for k in lengths)


def _remove(sound, findings):
    findings = list(findings)
    for finding in findings:
        del sound[finding.field]
    return findings
