"""Labels of all samples of a source."""

import numpy as np


def is_source(value):
    """Whether something is a source of samples: dicts by number.

    Example:

    >>> is_source([{"label": 3}]), is_source([3]), is_source({"cat": 3})
    (True, False, False)
    """
    if isinstance(value, dict | np.ndarray) or not hasattr(value, "__len__"):
        return False
    return len(value) > 0 and isinstance(value[0], dict)


def walked(source, fields):
    """Reads the labels of a source once, without the images where it can:
    where `source.column(name)` gives all labels of a field.

    Args:
        source: Any object with `len(source)` and `source[i]`, a dict.
        fields: Names of the fields to read.

    Returns:
        Dict from field to the list of its values; missing ones are None.

    Raises:
        ValueError: If no sample has one of the fields.

    Example:

    >>> walked([{"label": 3}, {}], ["label"])
    {'label': [3, None]}
    """
    columns = {name: _column(source, name) for name in fields}
    rest = [name for name in fields if columns[name] is None]
    if rest:
        columns |= {name: [] for name in rest}
        for index in range(len(source)):
            sample = source[index]
            for name in rest:
                columns[name].append(sample.get(name))
    for name, values in columns.items():
        if all(value is None for value in values):
            raise ValueError(
                f"No sample of the source has a field {name!r}; the first one "
                f"has {sorted(source[0])}. Pass the name of one of them."
            )
    return columns


def _column(source, name):
    """The column of a source that has it, or None."""
    if not hasattr(source, "column"):
        return None
    try:
        return list(source.column(name))
    except (KeyError, ValueError):
        # Sources raise for what they cannot give without reading images.
        return None
