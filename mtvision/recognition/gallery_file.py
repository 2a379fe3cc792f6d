"""The file of a gallery: whole or not there, one writer at a time.

A line that names the format, the SHA-256 of the rest, and a numpy archive. A
writer holds the lock `<path>.lock`, which the system frees if it dies, writes
`<path>.part`, and moves that into place.
"""

import contextlib
import hashlib
import io
import os
import pathlib
import shutil
import threading
import zipfile

import numpy as np

FORMAT = b"mtvision gallery 1\n"
_HEAD = len(FORMAT) + hashlib.sha256().digest_size
_FIELDS = {"size", "threshold", "names", "owners", "rows"}
_own = threading.local()


@contextlib.contextmanager
def locked(path):
    """Waits until no other writer is at work, and keeps them out.

    Args:
        path: Path of the gallery's file.

    Yields:
        Nothing.

    Raises:
        ValueError: If this thread keeps them out already, and so would wait
            for itself.
    """
    path = os.path.realpath(path)
    held = _own.__dict__.setdefault("held", set())
    if path in held:
        raise ValueError(
            f"{path} is being edited already. Gallery.edit writes it at the "
            "end of its block: change the gallery that it gives, and neither "
            "save nor edit the file inside."
        )
    with open(f"{path}.lock", "ab") as file:
        _lock(file)
        held.add(path)
        try:
            yield
        finally:
            held.remove(path)


def write(path, fields):
    """Writes a file beside, and moves it into place.

    Args:
        path: Path of the file; whoever calls holds its lock.
        fields: Dict of arrays.

    Returns:
        The digest of the contents.
    """
    # The file that a link names, which others may know by another one.
    path = os.path.realpath(path)
    part = pathlib.Path(f"{path}.part")
    memory = io.BytesIO()
    np.savez(memory, **fields)
    body = memory.getbuffer()
    digest = hashlib.sha256(body).digest()
    with open(part, "wb") as file:
        if os.path.exists(path):  # Who may read faces stays as it was.
            shutil.copymode(path, part)
        file.write(FORMAT + digest)
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    _sync_folder(part.parent)
    return digest


def read(path):
    """Reads a file.

    Args:
        path: Path of the file.

    Returns:
        `(fields, digest)`: a dict of arrays, and the digest of the contents.

    Raises:
        ValueError: If the file is missing, damaged or no gallery.
    """
    require_file(path)
    content = pathlib.Path(path).read_bytes()
    if not content.startswith(FORMAT):
        raise ValueError(
            f"{path} is no gallery: expected a file that begins with "
            f"{FORMAT.decode().strip()!r}."
        )
    digest, body = content[len(FORMAT) : _HEAD], content[_HEAD:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError(
            f"{path} is damaged: its contents do not have the checksum that "
            "was written with them. Take a backup."
        )
    try:
        fields = _unpacked(body)
    # Whoever made the checksum may have made the rest by hand.
    except (ValueError, MemoryError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is no gallery: its contents cannot be read ({error})."
        ) from error
    if set(fields) != _FIELDS:
        raise ValueError(
            f"{path} has the fields {sorted(fields)}, expected "
            f"{sorted(_FIELDS)}."
        )
    if not _fit_together(**fields):
        raise ValueError(
            f"{path} is no gallery: expected names that differ, and for each "
            "face the number of its owner and a row of finite numbers."
        )
    return fields, digest


def _fit_together(size, threshold, names, owners, rows):
    return (
        size.shape == threshold.shape == ()
        and size.dtype.kind == owners.dtype.kind == "i"
        and threshold.dtype.kind in "if"
        and names.dtype.kind == "U"
        and names.ndim == owners.ndim == 1
        and len(set(names.tolist())) == len(names)
        and set(owners.tolist()) == set(range(len(names)))
        and rows.dtype == np.float32
        and rows.shape == (len(owners), size)
        and bool(np.isfinite(rows).all())
    )


def _unpacked(body):
    """The arrays of a numpy archive that is not compressed."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if sum(each.file_size for each in archive.infolist()) > len(body):
            raise ValueError("they would unfold to more than the file has")
    # Pickles could run code.
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        return dict(archive)


def require_file(path):
    """Raises unless there is a file.

    Args:
        path: Path of the file.

    Raises:
        ValueError: If there is none.
    """
    if not os.path.isfile(path):
        raise ValueError(
            f"There is no gallery at {path}. Make one: "
            "Gallery(size, threshold=...).save(path)."
        )


def digest_of(path):
    """The digest that a file names, or `None` if there is no file.

    Args:
        path: Path of the file.

    Returns:
        Bytes.
    """
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)[len(FORMAT) :]
    except FileNotFoundError:
        return None


def _lock(file):
    """Locks an open file; closing it frees it, as does the process' end."""
    try:
        import fcntl
    except ImportError:  # Windows has the other.
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX)


def _sync_folder(folder):
    """Makes the move outlive a loss of power, where systems can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
