"""Labels of a whole image as lines of text."""

import numpy as np

from mtvision.plotting.class_names import class_name, names_of
from mtvision.plotting.draw_objects import objects_of
from mtvision.plotting.draw_proposals import real_proposals
from mtvision.plotting.field_kinds import (
    TEXT_WORDS,
    is_missing,
    last_word,
    sibling,
)

TEXTS = (*TEXT_WORDS, "other")
# That these are not given need not be said.
UNSAID = ("file", "score", "scores", "difficult", "crowd", "area", "image")


def caption_of(name, kind, sample, class_names=None):
    """One label as text.

    Args:
        name: Name of the field.
        kind: What it shows, one of `TEXTS`.
        sample: Dict with the field and, perhaps, its score.
        class_names: List of names or dict by field.

    Returns:
        Text.

    Example:

    >>> caption_of("breed", "label", {"breed": 1}, {"breed": ["cat", "dog"]})
    'breed: dog'
    """
    value = sample[name]
    if kind == "caption":
        return f"{name}: {text_of(value)}"
    value = np.asarray(value)
    names = names_of(class_names, name)
    if kind == "label":
        found = [
            "?" if number < 0 else class_name(number, names)
            for number in np.ravel(np.where(value == value, value, -1))
        ]
        return f"{name}: {', '.join(found)}{_score(name, sample)}"
    if kind == "attributes":
        return f"{name}: {_attributes(value, names)}"
    if kind in ("same", "present"):
        found = ["yes" if flag > 0.5 else "no" for flag in np.ravel(value)]
        return f"{name}: {', '.join(found)}"
    if value.size > 4:
        return f"{name}: {' x '.join(map(str, value.shape))} {value.dtype}"
    return f"{name}: {', '.join(f'{each:.4g}' for each in np.ravel(value))}"


def text_of(value):
    """A text, also from bytes or an array of one.

    Example:

    >>> text_of(np.array(b"a cat"))
    'a cat'
    """
    value = value.item() if isinstance(value, np.ndarray) else value
    return value.decode() if isinstance(value, bytes) else str(value)


def _score(name, sample):
    known = f"{name}_score", sibling(name, "score")
    score = next((sample[k] for k in known if sample.get(k) is not None), None)
    if score is None or np.size(score) != 1:
        return ""
    return f" ({100 * float(np.ravel(score)[0]):.0f} %)"


def _attributes(values, names):
    """The names of those that are set; how many are not given."""
    if names is not None and len(names) != len(values):
        raise ValueError(
            f"Expected as many names as attributes, {len(values)}, received "
            f"{len(names)}. Give each field its own list of names by a dict, "
            "such as class_names={'attributes': [...]}."
        )
    found = [class_name(k, names) for k in np.flatnonzero(values == 1)]
    unknown = int(np.isnan(values.astype("float64")).sum())
    text = ", ".join(found) or "none"
    return f"{text} ({unknown} not given)" if unknown else text


def is_wrong(kind, true, predicted):
    """Whether a predicted label differs from a truth that is given.

    Args:
        kind: What the field shows.
        true: Its value in the truth, or None.
        predicted: Its value in the prediction, or None.

    Example:

    >>> is_wrong("label", 3, 8), is_wrong("label", None, 8)
    (True, False)
    """
    if kind in ("caption", "other") or is_missing(true):
        return False
    if is_missing(predicted) or np.shape(true) != np.shape(predicted):
        return is_missing(predicted) is False
    true, predicted = np.asarray(true), np.asarray(predicted)
    if kind == "count":
        predicted = np.rint(predicted)
    given = (true == true) & (true != -1)
    return bool((given & (true != predicted)).any())


def not_given(names, sample):
    """The labels that a sample lacks, without those that only describe
    others (the classes of boxes).

    Args:
        names: Names of the fields to look for.
        sample: Dict of fields.

    Returns:
        List of names.

    Example:

    >>> not_given(["label", "depth", "file"], {"label": 1})
    ['depth']
    """
    return [
        name
        for name in names
        if is_missing(sample.get(name))
        and not _goes_without_saying(name, sample, names)
    ]


def _goes_without_saying(name, sample, names):
    word = last_word(name)
    if word in UNSAID:
        return True
    present = sample.get(sibling(name, "present"))
    if word == "box" and not is_missing(present):
        return not np.any(np.asarray(present) > 0.5)
    others = {"classes": ("boxes", "masks"), "present": ("box",)}.get(word, ())
    return any(sibling(name, other) in names for other in others)


def captions_of(sample, kinds, class_names=None):
    """The labels of a whole image, and what its objects leave to say.

    Args:
        sample: Dict of fields.
        kinds: Dict from field to what it shows.
        class_names: List of names or dict by field.

    Returns:
        Dict from field to text.

    Example:

    >>> captions_of({"count": 3, "depth": None}, {"count": "count"})
    {'count': 'count: 3'}
    """
    lines = {}
    for name, kind in kinds.items():
        if is_missing(sample.get(name)):
            continue
        if kind in TEXTS and not _is_seen(name, kinds, sample):
            lines[name] = caption_of(name, kind, sample, class_names)
        if kind == "boxes" and not len(objects_of(name, sample)["boxes"]):
            lines[name] = f"{name}: none"
        if kind == "proposals":
            number = len(real_proposals(sample[name]))
            lines[name] = f"{name}: {number}, thin lines"
    return lines


def _is_seen(name, kinds, sample):
    """Whether a box says that something is present."""
    box = sibling(name, "box")
    if last_word(name) != "present" or is_missing(sample.get(box)):
        return False
    return bool(np.all(sample[name] > 0.5))
