"""What may be wrong with masks, maps of classes and maps of depth."""

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.checking import kinds
from mtvision.data.checking.boxes import real_rows
from mtvision.data.checking.finding import Finding

CLASS_MAPS = ("semantic", "mask")


def class_maps(sample):
    """The maps of class numbers of a sample, a dict."""
    return {
        name: value
        for name, value in sample.items()
        if fields.last_word(name) in CLASS_MAPS and value.dtype.kind in "bui"
    }


def count_values(value):
    """The numbers in a map and how often they occur, in linear time if the
    numbers are small.

    Example:

    >>> count_values(np.array([[3, -1], [3, 3]]))
    {-1: 1, 3: 3}
    """
    value = value.astype("int64").ravel()
    if not value.size:
        return {}
    lowest = value.min()
    if int(value.max()) - int(lowest) > 1 << 16:
        found, counts = np.unique(value, return_counts=True)
    else:
        counts = np.bincount(value - lowest)
        found = np.flatnonzero(counts)
        counts = counts[found]
        found = found + lowest
    return dict(zip(found.tolist(), counts.tolist()))


def is_stray(number, number_of_classes):
    """Whether a number in a map, or an array of them, stands for no class.

    Args:
        number: Integers.
        number_of_classes: Their number, or None if it is not known.

    Example:

    >>> [is_stray(number, 3) for number in (-2, -1, 0, 2, 3, 255)]
    [True, False, False, False, True, False]
    """
    if number_of_classes is None:
        return (number < -1) | (number > np.iinfo("int32").max)
    beyond = (number >= number_of_classes) & (number != checks.IGNORED)
    return (number < -1) | beyond


def check_map_values(sample, *, known):
    """Finds numbers in maps that stand for no class.

    Args:
        sample: Dict of sound arrays.
        known: Dict from field to number of classes.
    """
    for name, value in class_maps(sample).items():
        stray = {
            number: count
            for number, count in count_values(value).items()
            if is_stray(number, known.get(name))
        }
        if stray:
            shown = list(stray)[:5]
            detail = f"{sum(stray.values())} pixels hold {shown}"
            yield Finding(kinds.STRAY_MAP_VALUES, name, detail)


def check_map_contents(sample):
    """Finds maps in which there is nothing to tell apart."""
    for name, value in class_maps(sample).items():
        judged = [
            number
            for number in count_values(value)
            if number not in (-1, checks.IGNORED)
        ]
        if not judged:
            yield Finding(kinds.NOTHING_TO_JUDGE, name)
        if len(judged) == 1:
            detail = f"only class {judged[0]}"
            yield Finding(kinds.MAP_OF_ONE_CLASS, name, detail)


def check_masks(sample):
    """Finds masks without a pixel, and values other than 0 and 1."""
    for name, masks in sample.items():
        if fields.last_word(name) != "masks":
            continue
        for row in np.flatnonzero(real_rows(sample, name)):
            if not _is_binary(masks[row]):
                yield Finding(kinds.MASK_NOT_BINARY, name, f"row {row}")
            if not masks[row].any():
                yield Finding(kinds.MASK_EMPTY, name, f"row {row}")


def _is_binary(mask):
    if mask.dtype.kind in "bu":
        return mask.max(initial=0) <= 1
    return ((mask == 0) | (mask == 1)).all()


def check_depth(sample):
    """Finds depths that are not measured, or not in front of the camera."""
    for name, value in sample.items():
        if fields.last_word(name) != "depth":
            continue
        missing = np.isnan(value).mean() if value.dtype.kind == "f" else 0
        if missing:
            detail = f"{missing:.1%} of the pixels"
            yield Finding(kinds.DEPTH_MISSING, name, detail)
        number = int((value <= 0).sum())
        if number:
            detail = f"{number} pixels"
            yield Finding(kinds.DEPTH_NOT_POSITIVE, name, detail)
