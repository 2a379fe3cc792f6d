"""From what a task reads or gives to the fields that it is made of."""

import numpy as np

from mtvision.plotting.field_kinds import last_word, sibling

# How many numbers a field adds to a joined vector; the others share the rest.
WIDTHS = {"box": 4, "attributes": None, "keypoints": None}
# What a detector gives, by which it is known.
DETECTIONS = {"boxes", "scores", "classes"}
# What it says beside that, of which there is no picture.
UNDRAWN = {"keypoint_scores", "phrase_scores", "segments"}
# What decoders name otherwise than samples do.
ALIASES = {"objectness": "present", "classes": "label"}


def fields_of_task(task, value, structure=None):
    """The fields of a task in a batch.

    Args:
        task: Name of the task.
        value: Array (B, ...), or dict of arrays.
        structure: What `mtvision.data.Batches` was told that the task reads:
            the name of a field, a tuple of names (joined to one vector) or a
            dict of names. By default the task, or each key of a dict, is
            itself the name of a field.

    Returns:
        Dict from field to array (B, ...).

    Raises:
        ValueError: If joined vectors have another length than the fields.

    Example:

    >>> head = np.zeros((2, 5))
    >>> parts = fields_of_task("head", head, ("present", "box"))
    >>> {name: part.shape for name, part in parts.items()}
    {'present': (2,), 'box': (2, 4)}
    """
    if isinstance(value, dict):
        return _fields_of_dict(value, structure)
    if isinstance(structure, tuple | list):
        return _split(task, value, structure)
    if isinstance(structure, dict):
        raise ValueError(
            f"Task {task!r}: expected a dict with {sorted(structure)}, "
            f"received an array {np.shape(value)}."
        )
    return {structure or task: value}


def with_task(predictions, fields):
    """Predictions by task, also of a detector, which names no task.

    Args:
        predictions: Dict by task or field, or what a detector gives, a dict
            of `boxes`, `scores` and `classes`.
        fields: Dict from task to what it reads, or None.

    Returns:
        Dict; detections stand under the task that reads `boxes`. Several
        tasks may if they read the same boxes, as those of Mask R-CNN.

    Raises:
        ValueError: If several tasks read different boxes.

    Example:

    >>> found = {"boxes": [[0, 0, 1, 1]], "scores": [1], "classes": [0]}
    >>> reads = {"boxes": "boxes", "classes": "classes"}
    >>> list(with_task(found, {"scene": "label", "cells": reads}))
    ['cells']
    """
    bare = set(predictions) >= DETECTIONS
    if bare and not isinstance(predictions["boxes"], dict):
        predictions = _drawn(predictions)
    if not fields or not bare or isinstance(predictions["boxes"], dict):
        return predictions
    tasks = {
        task: structure
        for task, structure in fields.items()
        if isinstance(structure, dict)
        and any(last_word(name) == "boxes" for name in structure.values())
    }
    if not _agree(tasks.values()):
        first = next(iter(tasks))
        raise ValueError(
            f"Expected detections by task, as the tasks {list(tasks)} read "
            f"different boxes. Give them as {{{first!r}: detections}}."
        )
    if not tasks:
        return predictions
    # One may read masks, another key points.
    most = max(tasks, key=lambda task: len(tasks[task]))
    names = {k: v for each in tasks.values() for k, v in each.items()}
    names = {k: v for k, v in names.items() if k not in tasks[most]}
    return {most: {names.get(k, k): v for k, v in predictions.items()}}


def _agree(structures):
    """Whether what several of them read is the same field for all."""
    known = {}
    return all(
        known.setdefault(key, name) == name
        for structure in structures
        for key, name in structure.items()
    )


def _drawn(detections):
    return {k: v for k, v in detections.items() if k not in UNDRAWN}


def _split(task, value, names):
    value = np.asarray(value)
    widths = [WIDTHS.get(last_word(name), 1) for name in names]
    rest = value.shape[-1] - sum(width or 0 for width in widths)
    # Class scores of a prediction take the place of its label, the last one.
    if None not in widths and rest > 0 and widths[-1] == 1:
        widths[-1], rest = None, rest + 1
    missing = widths.count(None)
    if missing > 1 or rest < missing or (not missing and rest):
        raise ValueError(
            f"Task {task!r}: expected vectors that join the fields "
            f"{list(names)}, received the shape {value.shape}."
        )
    widths = [rest if width is None else width for width in widths]
    parts = np.split(value, np.cumsum(widths)[:-1], axis=-1)
    single = [last_word(name) not in WIDTHS for name in names]
    return {
        name: part[..., 0] if one and part.shape[-1] == 1 else part
        for name, one, part in zip(names, single, parts)
    }


def _fields_of_dict(value, structure):
    if set(value) >= DETECTIONS:
        value = _drawn(value)
    if isinstance(structure, dict):
        return {structure.get(key, key): each for key, each in value.items()}
    if structure is None:
        return dict(value)
    names = [structure] if isinstance(structure, str) else list(structure)
    return {_field_named(key, names): each for key, each in value.items()}


def _field_named(key, names):
    """The field that a decoder means by `key`: `label` of a task that reads
    `breed` is the breed, its `score` is `breed_score`.
    """
    if key in ("score", "scores"):
        return f"{names[-1]}_{key}" if len(names) == 1 else key
    for word in (last_word(key), ALIASES.get(key)):
        for name in names:
            if last_word(name) == word:
                return name
    if len(names) == 1 and key == "label":
        return names[0]
    return sibling(names[0], key)
