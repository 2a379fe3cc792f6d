"""Reading a CSV table of labels, one row for each file."""

import collections.abc

import numpy as np

from mtvision.data.hints import hint
from mtvision.data.readers.csv_files import read_named_rows
from mtvision.data.readers.file_names import checked_name

# Whole numbers of more than that are codes.
DIGITS = 16


def read_table(path, key):
    """Reads a CSV file whose first line names the columns.

    Args:
        path: Path of the file, UTF-8.
        key: The column that names the image files.

    Returns:
        Dict from file to its row, a dict from column to text.

    Raises:
        ValueError: If the table is missing, empty, has no such column or names
            a file twice, or if a name leads out of the folder.

    Example:

    >>> read_table("labels.csv", "file")  # doctest: +SKIP
    {'cat.jpg': {'file': 'cat.jpg', 'breed': 'Bengal'}}
    """
    columns, found = read_named_rows(path)
    require_column(path, key, columns)
    rows = {}
    for place, row in found:
        name = checked_name(place, (row[key] or "").strip())
        if name in rows:
            raise ValueError(
                f"{place}: {name!r} has a second row. Keep one row for each "
                "file."
            )
        rows[name] = row
    if not rows:
        raise ValueError(f"{path}: the table has no row.")
    return rows


def require_column(path, name, known):
    """Raises unless a table has a column."""
    if name not in known:
        raise ValueError(
            f"{path}: there is no column {name!r} among {sorted(known)}."
            f"{hint(name, known)}"
        )


def encode_column(texts, classes, name):
    """Turns the texts of a column into numbers; an empty cell is missing.

    Args:
        texts: Dict from file to text, of N files.
        classes: List of class names, None for the sorted texts themselves (as
            numbers, where all are), or `float` for a column of measurements.
        name: Name of the column, for messages.

    Returns:
        Array (N,), int32 of class numbers with -1 for missing or float32 with
        NaN, and the list of class names (None for measurements).

    Raises:
        ValueError: If a text is no class or no number.

    Example:

    >>> texts = {"a.png": "dog", "b.png": "", "c.png": "cat"}
    >>> numbers, classes = encode_column(texts, None, "species")
    >>> numbers.tolist(), classes
    ([1, -1, 0], ['cat', 'dog'])
    """
    texts = {file: (text or "").strip() for file, text in texts.items()}
    if classes is float:
        numbers = [_number(text, file, name) for file, text in texts.items()]
        return np.array(numbers, "float32"), None
    if classes is None:
        classes = _in_order(set(texts.values()) - {""})
    if isinstance(classes, str) or not isinstance(
        classes, collections.abc.Iterable
    ):
        raise ValueError(
            f"Column {name!r}: expected a list of its classes, None for the "
            "texts that occur, or float for measurements, received "
            f"{classes!r}."
        )
    classes = list(classes)
    numbers = {text: number for number, text in enumerate(classes)} | {"": -1}
    for file, text in texts.items():
        if text not in numbers:
            raise ValueError(
                f"Column {name!r} of {file} holds {text!r:.60}, which is none "
                f"of its classes {classes}.{hint(text, classes)}"
            )
    return np.array([numbers[k] for k in texts.values()], "int32"), classes


def renumbered(classes):
    """How class numbers differ from the whole numbers that a table has.

    Args:
        classes: List of class names.

    Returns:
        Text, or None if they do not differ or are no whole numbers.

    Example:

    >>> renumbered(["1", "2", "4"])
    '1 is class 0, 2 is class 1, 4 is class 2'
    """
    if not all(name.isdecimal() and len(name) < DIGITS for name in classes):
        return None
    places = list(enumerate(classes))
    moved = [f"{k} is class {place}" for place, k in places if int(k) != place]
    more = f" and {len(moved) - 5} more" if moved[5:] else ""
    return ", ".join(moved[:5]) + more if moved else None


def _in_order(texts):
    try:
        numbers = {text: float(text) for text in texts}
    except ValueError:
        return sorted(texts)
    # "nan" has no place among numbers.
    if not np.isfinite(list(numbers.values())).all():
        return sorted(texts)
    return sorted(texts, key=lambda text: (numbers[text], text))


def _number(text, file, name):
    try:
        number = float(text or "nan")
    except ValueError:
        number = np.inf
    if abs(number) > float(np.finfo("float32").max):
        raise ValueError(
            f"Column {name!r} of {file} should hold a finite number, received "
            f"{text!r:.60}."
        )
    return number
