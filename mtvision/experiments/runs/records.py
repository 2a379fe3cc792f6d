"""What a run leaves, as JSON files that are there whole or not at all."""

import json
import pathlib
import warnings

import numpy as np

from mtvision.training.whole_file import whole_file

# Bytes; the record of a long run has a few million.
LARGEST = 2**27


def to_json(record, *, indent=None):
    """A record as text.

    Args:
        record: Dict of JSON's types, numpy's numbers and arrays.
        indent: As for `json.dumps`.

    Returns:
        String. Numbers that are not finite are written as Python does: NaN,
        Infinity, -Infinity.

    Example:

    >>> to_json({"accuracy": np.float32(0.5)})
    '{"accuracy": 0.5}'
    """
    return json.dumps(record, indent=indent, default=_plain)


def write_record(path, record):
    """Writes a record; whoever reads meanwhile sees the old one, or the new.

    Args:
        path: Where. Its folder is made.
        record: As for `to_json`.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(to_json(record, indent=1).encode())


def read_record(path):
    """Reads a record.

    Args:
        path: Where.

    Returns:
        Dict, or `None` if there is no such file, or none that is whole: then
        with a warning that names it.

    Raises:
        ValueError: If there is a folder, pipe or device in its place.
    """
    path = pathlib.Path(path)
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: expected a file, found something else.")
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise ValueError(f"{path}: it has more than {LARGEST} bytes.")
        record = json.loads(text)
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        record = error
    if isinstance(record, dict):
        return record
    warnings.warn(
        f"{path} is no whole record ({record!r:.200}); it counts as missing.",
        stacklevel=2,
    )
    return None


def _plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(
        f"Expected numbers, texts, lists and dicts in a record, received "
        f"{value!r} of type {type(value).__name__}."
    )
