"""Reading JSON files, which strangers may have made."""

import collections
import json
import mmap
import re

from mtvision.data.readers.text_files import read_bytes, require_file

# Bytes; what is read of them takes some ten times that.
LARGEST = 2**31
# A text longer than a million characters, found before it takes memory.
LONG_TEXT = re.compile(rb'"[^"]{1048576}')


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
    if require_file(path) == 0:
        return
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        found = LONG_TEXT.search(content)
        if found:
            raise ValueError(
                f"{path}: at byte {found.start()} begins a text of more than "
                f"a million characters, {content[found.start() :][:60]!r}. "
                "Take it out."
            )


def _distinct(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = collections.Counter(key for key, _ in pairs)
        raise ValueError(f"{counts.most_common(1)[0][0]!r:.60} is there twice")
    return found
