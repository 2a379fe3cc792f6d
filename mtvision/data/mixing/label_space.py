"""From the classes of one data set to those that several have in common."""

import numpy as np

from mtvision.data.hints import hint

MISSING = -1
# The customary class number of pixels that are not to be judged.
IGNORED = 255


def class_numbers(own, common, renamed, what):
    """Where each class of a data set stands in a common list.

    Args:
        own: List of N names, the classes of the data set.
        common: List of C names.
        renamed: Dict from own to common names, or to `None` for classes that
            the common list does not have; the others keep their names.
        what: What the classes are of, for messages.

    Returns:
        Int32 array (N,): numbers below C, -1 for `None`.

    Raises:
        ValueError: If a name is unknown.

    Example:

    >>> renamed = {"aeroplane": "airplane", "sofa": None}
    >>> class_numbers(
    ...     ["aeroplane", "cat", "sofa"], ["airplane", "cat"], renamed, "VOC"
    ... ).tolist()
    [0, 1, -1]
    """
    for name in renamed:
        if name not in own:
            raise ValueError(
                f"{what}: the class {name!r} to be renamed is none of its "
                f"classes {list(own)}.{hint(str(name), map(str, own))}"
            )
    numbers = []
    for name in own:
        new = renamed.get(name, name)
        if new is not None and new not in common:
            raise ValueError(
                f"{what}: the class {new!r} is none of the common classes "
                f"{list(common)}.{hint(str(new), map(str, common))} Add it to "
                f"them, or say what it is to be: {{{name!r}: ...}}, None if "
                "it is not to be learnt."
            )
        numbers.append(MISSING if new is None else common.index(new))
    return np.array(numbers, "int32")


def annotated_classes(numbers, count):
    """Which of the common classes a data set has labels for.

    Args:
        numbers: Int array (N,) of `class_numbers`.
        count: Number of common classes C.

    Returns:
        Float32 array (C,), 1 or 0.

    Example:

    >>> annotated_classes(np.array([2, -1, 0]), 4).tolist()
    [1.0, 0.0, 1.0, 0.0]
    """
    annotated = np.zeros(count, "float32")
    annotated[numbers[numbers >= 0]] = 1
    return annotated


def translate_numbers(values, numbers, what):
    """Class numbers of a data set as common ones.

    Args:
        values: Integer array, -1 for missing, 255 in maps for ignored.
        numbers: Int array (N,) of `class_numbers`.
        what: What the values are, for messages.

    Returns:
        Int32 array of the same shape; -1 where there is no common class.

    Raises:
        ValueError: If a value is no class of the data set.

    Example:

    >>> translate_numbers(np.array([0, 1, -1]), np.array([5, 7]), "").tolist()
    [5, 7, -1]
    """
    values = np.asarray(values).astype("int64")
    ignored = (values == IGNORED) & (values.ndim >= 2) & (len(numbers) <= 255)
    kept = (values < 0) | ignored
    if values.size and values[~kept].max(initial=0) >= len(numbers):
        raise ValueError(
            f"{what} holds the class number {values[~kept].max()}, but there "
            f"are {len(numbers)} classes. Correct it, or its list of classes."
        )
    table = np.append(numbers, MISSING)
    found = table[np.where(kept, len(numbers), values)]
    return np.where(ignored, IGNORED, found).astype("int32")


def translate_vector(values, numbers, count):
    """A number for each own class as one for each common class.

    Args:
        values: Array (N,), such as attributes that are set or not.
        numbers: Int array (N,) of `class_numbers`.
        count: Number of common classes C.

    Returns:
        Float32 array (C,), NaN where the data set has no such class.

    Example:

    >>> translate_vector(np.array([1, 0]), np.array([2, 0]), 3).tolist()
    [0.0, nan, 1.0]
    """
    result = np.full(count, np.nan, "float32")
    result[numbers[numbers >= 0]] = np.asarray(values)[numbers >= 0]
    return result
