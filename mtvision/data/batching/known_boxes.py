"""Boxes that are known before any image is read."""

import numpy as np

from mtvision.data import fields
from mtvision.data.batching.prepared import where
from mtvision.ops.box_faults import box_faults


def check_known_boxes(source, name, reader):
    """Raises for boxes without area, inverted or not finite, if the source
    knows its boxes without reading images.

    Args:
        source: The source; one without `column` is not judged.
        name: Name of a field; only `boxes` are judged.
        reader: What reads it, for the message.

    Raises:
        ValueError: Naming sample, file and box.

    Example:

    >>> class Signs(list):
    ...     def column(self, name):
    ...         return [np.array([[0, 0, 4, 4]])]
    >>> check_known_boxes(Signs(), "boxes", "task 'signs'")
    """
    if fields.last_word(name) != "boxes":
        return
    try:
        column = source.column(name)
    # A source may have other columns only, or none.
    except (AttributeError, KeyError, TypeError, ValueError):
        return
    given = [np.reshape([] if k is None else k, (-1, 4)) for k in column]
    if not given:
        return
    boxes = np.concatenate(given)
    faults = box_faults(boxes, None)
    faulty = np.any(list(faults.values()), axis=0)
    if not faulty.any():
        return
    ends = np.cumsum([len(each) for each in given])
    first = int(np.argmax(faulty))
    samples = np.unique(np.searchsorted(ends, np.flatnonzero(faulty), "right"))
    index = int(samples[0])
    files = getattr(source, "files", None)
    place = where({} if files is None else {"file": files[index]}, index)
    reason = next(why for why, found in faults.items() if found[first])
    raise ValueError(
        f"{reader}, field {name!r}, {place}: box "
        f"{first - int(ends[index] - len(given[index]))} is {reason}: "
        f"{boxes[first].tolist()} (x1, y1, x2, y2). Boxes of {len(samples)} "
        "samples are faulty. Correct them, or pass invalid_boxes='drop' or "
        "'clip'."
    )
