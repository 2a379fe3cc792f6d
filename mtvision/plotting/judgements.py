"""What is wrong with a prediction, in words."""

import numpy as np

from mtvision.plotting.captions import captions_of, is_wrong
from mtvision.plotting.class_names import class_name, names_of
from mtvision.plotting.draw_objects import objects_of
from mtvision.plotting.field_kinds import OBJECT_WORDS, is_missing, sibling
from mtvision.plotting.overlap import RIGHT, missed_boxes, pairwise_iou
from mtvision.plotting.phrase_texts import with_phrases, words_of

CROSS = "✗ "


def judged_captions(sample, predicted, kinds, class_names=None):
    """Lines about a prediction; those that are wrong begin with a cross.

    Args:
        sample: Dict of true fields.
        predicted: Dict of predicted fields.
        kinds: Dict from field to what it shows.
        class_names: List of names or dict by field.

    Returns:
        List of lines.

    Example:

    >>> judged_captions({"label": 1}, {"label": 2}, {"label": "label"})
    ['✗ label: 2']
    """
    lines = captions_of(predicted, kinds, class_names)
    for name, kind in kinds.items():
        true, guess = sample.get(name), predicted.get(name)
        if is_missing(true) or is_missing(guess):
            continue
        if kind == "box":
            if _is_there(name, sample) and _is_there(name, predicted):
                lines[name] = _overlap(name, true, guess)
        elif kind in ("semantic", "mask") and _comparable(true, guess):
            lines[name] = _agreement(name, true, guess)
        elif kind == "present" and is_wrong(kind, true, guess):
            lines[name] = f"{CROSS}{name}: {'yes' if guess > 0.5 else 'no'}"
        elif name in lines and kind in OBJECT_WORDS:
            # The line says that nothing was found.
            if any(map(len, objects_of(name, sample).values())):
                lines[name] = CROSS + lines[name]
        elif name in lines and is_wrong(kind, true, guess):
            lines[name] = CROSS + lines[name]
    return list(lines.values())


def _is_there(name, labels):
    """Whether a field is one box, of an object that is present."""
    present = labels.get(sibling(name, "present"))
    there = is_missing(present) or np.all(np.asarray(present) > 0.5)
    return np.shape(labels[name]) == (4,) and there


def _overlap(name, true, guess):
    overlap = pairwise_iou([true], [guess])[0, 0]
    mark = "" if overlap >= RIGHT else CROSS
    return f"{mark}{name}: IoU {overlap:.2f}"


def _comparable(true, guess):
    return np.shape(true) == np.shape(guess) and _judged(true).any()


def _judged(true):
    return (np.asarray(true) != -1) & (np.asarray(true) != 255)


def _agreement(name, true, guess):
    right = (np.asarray(true) == np.asarray(guess))[_judged(true)].mean()
    return f"{name}: {100 * right:.1f} % of pixels right"


def box_names(name, predicted, sample=None, class_names=None):
    """The texts at predicted boxes: class, score, phrase, and a cross where no
    true box of the class is.

    Args:
        name: Name of the field of boxes.
        predicted: Dict of predicted fields.
        sample: Dict of true fields; None to judge nothing.
        class_names: List of names or dict by field.

    Returns:
        List of texts, without those of padding rows.

    Example:

    >>> guess = {"boxes": np.ones((1, 4)), "scores": [0.5]}
    >>> box_names("boxes", guess)
    ['50 %']
    """
    guess = objects_of(name, predicted)
    number = len(guess.get("boxes", ()))
    names = names_of(class_names, name)
    parts = [[] for _ in range(number)]
    for part, missed in zip(parts, _missed(name, guess, sample, number)):
        part += ["✗"] if missed else []
    for part, each in zip(parts, guess.get("classes", ())):
        part.append(class_name(each, names))
    for part, each in zip(parts, guess.get("scores", ())):
        part.append(f"{100 * float(each):.0f} %")
    texts = [" ".join(part) for part in parts]
    if "phrases" in guess:
        words = words_of(class_names, sibling(name, "phrases"))
        return with_phrases(texts, guess["phrases"], words)
    return [text or None for text in texts]


def _missed(name, guess, sample, number):
    true = {} if sample is None else objects_of(name, sample)
    if number == 0 or "boxes" not in true:
        return [False] * number
    return missed_boxes(
        guess["boxes"], guess.get("classes"), true["boxes"], true.get("classes")
    )
