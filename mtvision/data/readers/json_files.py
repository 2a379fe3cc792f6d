"""Reading JSON files, which strangers may have made."""

import collections
import json
import mmap
import re

from mtvision.data.readers.text_files import read_bytes, require_file

# Bytes; what is read of them takes some ten times that.
LARGEST = 2**31
# Bytes of a text, which is looked for before it takes memory.
LONGEST = 2**20
# From one quote to the next that no backslash is before, or to the end.
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def load_json(path):
    """Reads a JSON file.

    Args:
        path: Path of the file.

    Returns:
        Its content.

    Raises:
        ValueError: If it is missing, malformed or too large, nests too deep,
            or a dict has a key twice, of which one would be lost.

    Example:

    >>> load_json("classes.json")  # doctest: +SKIP
    {'names': ['cat', 'dog']}
    """
    _refuse_long_texts(path)
    text = read_bytes(path, "JSON file", largest=LARGEST)
    try:
        return json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: cannot be read as JSON ({error}).") from None


def _refuse_long_texts(path):
    if not 0 < require_file(path) <= LARGEST:
        return
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        for found in TEXT.finditer(content):
            if found.end() - found.start() > LONGEST:
                start = content[found.start() : found.start() + 60]
                raise ValueError(
                    f"{path}: at byte {found.start()} begins a text of more "
                    f"than a million characters, {start!r}. Take it out."
                )


def _distinct(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = collections.Counter(key for key, _ in pairs)
        raise ValueError(f"{counts.most_common(1)[0][0]!r:.60} is there twice")
    return found
