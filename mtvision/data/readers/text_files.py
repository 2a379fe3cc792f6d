"""Reading files of text: ordinary ones only, and no more than fits."""

import os
import pathlib
import stat

# Of a file that is held in memory whole: a list of a million names has less.
LARGEST = 2**24
# Characters; a phrase or a file's name has a hundred.
LONGEST_LINE = 2**20


def require_file(path, what="file"):
    """Raises unless a path leads to an ordinary file.

    A pipe would keep its reader waiting, and a device has no end.

    Args:
        path: Path of the file.
        what: What it is, for messages.

    Returns:
        Its size in bytes.

    Raises:
        ValueError: If there is none, it is a folder, pipe or device, or may
            not be read.

    Example:

    >>> require_file("names.txt")  # doctest: +SKIP
    8
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such {what}.") from None
    # Names that are too long, or hold zeros, or lead through a file.
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{str(path)!r:.300}: there is no such {what} ({error})."
        ) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "folder" if stat.S_ISDIR(status.st_mode) else "device or pipe"
        raise ValueError(f"{path}: there is no such {what}, but a {kind}.")
    if not os.access(path, os.R_OK):
        raise ValueError(f"{path}: this {what} may not be read by this user.")
    return status.st_size


def read_bytes(path, what="file", *, largest=LARGEST):
    r"""Reads an ordinary file that is not too large.

    Args:
        path: Path of the file.
        what: What it is, for messages.
        largest: Bytes that it may have.

    Returns:
        Bytes.

    Raises:
        ValueError: If there is none, it cannot be read or is larger.

    Example:

    >>> read_bytes("names.txt")  # doctest: +SKIP
    b'cat\ndog\n'
    """
    require_file(path, what)
    try:
        with open(path, "rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error}).") from error
    if len(content) > largest:
        raise ValueError(
            f"{path}: expected a {what} of {largest} bytes at most. Is it "
            "another file?"
        )
    return content


def read_text(path, what="file"):
    r"""Reads a text file, with any kind of line ends.

    Args:
        path: Path of the file, UTF-8.
        what: What it is, for messages.

    Returns:
        Its text, with `"\n"` at the ends of lines.

    Raises:
        ValueError: If it is missing, not UTF-8 or too large.

    Example:

    >>> read_text("names.txt")  # doctest: +SKIP
    'cat\ndog\n'
    """
    content = read_bytes(path, what)
    try:
        # Spreadsheets put a byte order mark in front.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_unicode(path, error) from None
    _refuse_zeros(path, text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_lines(path, what="file"):
    r"""Yields the lines of a text file of any size, one at a time.

    Args:
        path: Path of the file, UTF-8.
        what: What it is, for messages.

    Yields:
        Texts, with `"\n"` at their ends.

    Raises:
        ValueError: If it is missing, not UTF-8, or a line is too long.

    Example:

    >>> list(read_lines("names.txt"))  # doctest: +SKIP
    ['cat\n', 'dog\n']
    """
    require_file(path, what)
    with pathlib.Path(path).open(encoding="utf-8-sig") as file:
        try:
            while line := file.readline(LONGEST_LINE):
                if len(line) == LONGEST_LINE:
                    raise ValueError(
                        f"{path}: a line has {LONGEST_LINE} characters or "
                        f"more and begins with {line!r:.60}. Expected a {what}."
                    )
                _refuse_zeros(path, line)
                yield line
        except UnicodeDecodeError as error:
            raise _not_unicode(path, error) from None


def _refuse_zeros(path, text):
    if "\0" in text:
        raise _not_unicode(path, "it holds zeros, as UTF-16 does")


def _not_unicode(path, error):
    return ValueError(f"{path}: it is not UTF-8 ({error}). Save it as UTF-8.")
