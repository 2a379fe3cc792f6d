"""Reading text files."""

import pathlib


def read_text(path, what="file"):
    r"""Reads a text file, with any kind of line ends.

    Args:
        path: Path of the file, UTF-8.
        what: What it is, for messages.

    Returns:
        Its text, with `"\n"` at the ends of lines.

    Raises:
        ValueError: If it is missing or not UTF-8.

    Example:

    >>> read_text("names.txt")  # doctest: +SKIP
    'cat\ndog\n'
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: there is no such {what}.")
    try:
        # Spreadsheets put a byte order mark in front.
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}: it is not UTF-8 ({error}). Save it as UTF-8."
        ) from None
