"""One label of each sample of a source."""

import numpy as np

from mtvision.data import fields


def read_labels(source, name, purpose):
    """The labels of all samples in a field with one of them each.

    Args:
        source: Any object with `len(source)` and `source[i]`; images are read
            only if it has no `column`.
        name: Name of the field.
        purpose: What they are for, for messages: "to stratify by".

    Returns:
        Array (N,), or a list of N numbers or texts, with `None` where a sample
        has none.

    Raises:
        ValueError: If the field has several labels a sample, or no sample has
            it.

    Example:

    >>> read_labels([{"identity": 3}, {}], "identity", "to group by")
    [3, None]
    """
    has_column = hasattr(source, "column")
    found = (
        source.column(name)
        if has_column
        else [source[i].get(name) for i in range(len(source))]
    )
    if any(np.ndim(value) for value in found):
        raise ValueError(
            f"Expected a field with one class a sample {purpose}; {name!r} has "
            "several."
        )
    if not has_column and all(value is None for value in found):
        raise ValueError(
            f"No sample has the field {name!r} {purpose}. Sample 0 has "
            f"{sorted(source[0])}."
        )
    return found


def rows_by_label(source, name, purpose):
    """Which samples have which label.

    Args:
        source: As `read_labels` takes it.
        name: Name of the field.
        purpose: For messages.

    Returns:
        Dict from label, in order, to an array of the numbers of its samples;
        and an array of those whose label is not known (None, NaN or -1).

    Raises:
        ValueError: See `read_labels`; if no label is known.

    Example:

    >>> source = [{"who": 7}, {"who": -1}, {"who": 2}, {"who": 7}]
    >>> rows, unknown = rows_by_label(source, "who", "to group by")
    >>> {label: each.tolist() for label, each in rows.items()}
    {2: [2], 7: [0, 3]}
    >>> unknown.tolist()
    [1]
    """
    rows, unknown = {}, []
    for row, value in enumerate(read_labels(source, name, purpose)):
        if value is None or _is_unknown(value):
            unknown.append(row)
        else:
            rows.setdefault(np.asarray(value).item(), []).append(row)
    if not rows:
        raise ValueError(
            f"The field {name!r} {purpose} is not known of any of the "
            f"{len(source)} samples."
        )
    known = {label: np.array(rows[label], "int64") for label in sorted(rows)}
    return known, np.array(unknown, "int64")


def _is_unknown(value):
    value = np.asarray(value)
    return value.dtype.kind in "biuf" and fields.is_missing(value)
