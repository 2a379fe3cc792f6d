"""Detections that are sure enough to be drawn."""

import numpy as np

from mtvision.plotting.field_kinds import OBJECT_WORDS, last_word, sibling


def above_score(sample, threshold):
    """Leaves out predicted objects with a lower score.

    Args:
        sample: Dict of predicted fields; those with `scores` (M,) have a row
            for each object.
        threshold: The least score.

    Returns:
        Dict of fields, the objects in fewer rows.

    Example:

    >>> found = {"scores": np.array([0.9, 0.1]), "classes": np.array([4, 7])}
    >>> above_score(found, 0.5)["classes"].tolist()
    [4]
    """
    kept = dict(sample)
    for name, scores in sample.items():
        if last_word(name) != "scores" or np.ndim(scores) != 1:
            continue
        sure = np.asarray(scores) >= threshold
        for word in (*OBJECT_WORDS, "scores"):
            rows = sample.get(sibling(name, word))
            if np.ndim(rows) and len(rows) == len(sure):
                kept[sibling(name, word)] = np.asarray(rows)[sure]
    return kept
