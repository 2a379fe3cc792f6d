"""Files that are there whole, or not at all."""

import contextlib
import os
import pathlib


@contextlib.contextmanager
def whole_file(path, *, part=None):
    """Opens a file that replaces the one of its name when the block ends.

    Whoever reads meanwhile sees the old one; so does everybody afterwards, if
    the block raises or the process dies.

    Args:
        path: Path of the file. Its folder is there.
        part: What is written first, in that folder; by default it has a name
            that no other process takes.

    Yields:
        A file, open to write bytes.

    Raises:
        OSError: If it cannot be written. The folder is then as before.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(f"{folder}/a") as file:
    ...         size = file.write(b"abc")
    ...     pathlib.Path(folder, "a").read_bytes()
    b'abc'
    """
    path = pathlib.Path(path)
    part = part or path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    _keep_entry(path.parent)


def _keep_entry(folder):
    """Makes the new name outlast a loss of power, where folders know that."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
