"""Facts about a whole split, or about several."""

import collections.abc
import numbers

import numpy as np

from mtvision.data.checking import kinds
from mtvision.data.checking.finding import Finding

# The commonest class has this many times the labels of the rarest, or more.
IMBALANCE = 10


def number_of_classes(classes):
    """How many classes a list of names, or their number itself, stands for.

    Example:

    >>> number_of_classes(["cat", "dog"]), number_of_classes(2)
    (2, 2)
    """
    if isinstance(classes, numbers.Integral):
        return int(classes)
    return len(classes)


def name_of_class(classes, number):
    """The name of a class, or its number where there are no names.

    Example:

    >>> name_of_class(["cat", "dog"], 1), name_of_class(None, 1)
    ('dog', '1')
    """
    if isinstance(classes, collections.abc.Sequence) and number < len(classes):
        return str(classes[number])
    return str(number)


def check_split(statistics, classes):
    """Finds what holds for a whole split.

    Args:
        statistics: Its `Statistics`.
        classes: Dict from field to list of class names, or to their number.

    Returns:
        List of `Finding`.

    Example:

    >>> from mtvision.data.checking.statistics import Statistics
    >>> [found.kind for found in check_split(Statistics(), {"label": 2})]
    ['classes of a field that no sample has']
    """
    found = []
    for name, listed in classes.items():
        if statistics.fields.get(name, {}).get("labelled", 0) == 0:
            found.append(Finding(kinds.FIELD_NEVER, name))
            continue
        counts = statistics.classes.get(name, {})
        for number in range(number_of_classes(listed)):
            if not counts.get(number):
                named = name_of_class(listed, number)
                found.append(Finding(kinds.CLASS_NEVER, name, named))
    for name, counts in statistics.classes.items():
        found += _balance(name, counts, classes)
    for name, labelled in statistics.points.items():
        for point in np.flatnonzero(labelled == 0):
            found.append(Finding(kinds.POINT_NEVER, name, f"point {point}"))
    return found


def _balance(name, counts, classes):
    if not counts:
        return
    if name not in classes and max(counts) + 1 > len(counts):
        detail = f"{len(counts)} numbers from {min(counts)} to {max(counts)}"
        yield Finding(kinds.SPARSE_NUMBERS, name, detail)
    most, least = max(counts, key=counts.get), min(counts, key=counts.get)
    times = counts[most] / counts[least]
    if times >= IMBALANCE:
        listed = classes.get(name)
        detail = (
            f"{name_of_class(listed, most)} {counts[most]}, "
            f"{name_of_class(listed, least)} {counts[least]}, "
            f"{times:.1f} times as many"
        )
        yield Finding(kinds.CLASS_IMBALANCE, name, detail)


def check_class_lists(classes):
    """Finds fields whose classes differ between splits.

    Args:
        classes: Dict from split to dict from field to list of class names.

    Returns:
        List of (split, `Finding`), of each split that differs from the first
        that has the field.

    Example:

    >>> lists = {"train": {"label": ["a"]}, "test": {"label": ["b"]}}
    >>> [split for split, _ in check_class_lists(lists)]
    ['test']
    """
    first, found = {}, []
    for split, lists in classes.items():
        for name, listed in lists.items():
            other, earlier = first.setdefault(name, (split, listed))
            if listed != earlier:
                detail = f"not those of {other}"
                finding = Finding(kinds.CLASS_LISTS_DIFFER, name, detail)
                found.append((split, finding))
    return found
