"""Areas of objects that a data set knows, and that its batches leave out."""

import warnings

import numpy as np


def warn_of_unread_areas(data, task):
    """Warns if the source of batches knows areas that the truth lacks.

    Args:
        data: `mtvision.data.Batches`; of other data nothing is known.
        task: Name of a task whose truth has no `"area"`.

    Example:

    >>> warn_of_unread_areas([], "keypoints")
    """
    targets = getattr(data, "targets", None)
    structure = targets.get(task) if isinstance(targets, dict) else None
    boxes = structure.get("boxes") if isinstance(structure, dict) else None
    if not isinstance(boxes, str):
        return
    field = boxes.removesuffix("boxes") + "area"
    if _is_known(getattr(data, "source", None), field):
        warnings.warn(
            f"The truth of {task!r} has no 'area', although the source knows "
            f"{field!r}: the larger area of the boxes stands in, so that the "
            "scores of key points are higher than COCO's. Add "
            f"'area': {field!r} to the targets of {task!r}, as "
            "region_targets(model, objects=('boxes', 'classes', 'crowd', "
            "'area')) does.",
            stacklevel=4,
        )


def _is_known(source, field):
    try:
        column = source.column(field)
    # A source may have other columns only, or none.
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return any(
        areas is not None and np.isfinite(areas).any() for areas in column
    )
