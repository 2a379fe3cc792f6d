"""Which process does a piece of work that several could do."""

import contextlib
import pathlib
import warnings


@contextlib.contextmanager
def claimed(path, *, wait=False):
    """Claims a piece of work, for as long as the block runs.

    The system gives a claim back when its process ends, however that dies.

    Args:
        path: Of a file that stands for the work. Its folder is made.
        wait: Whether to wait until no other process is at it.

    Yields:
        Whether the work is this process's; `False` if another one is at it.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with claimed(f"{folder}/a.lock") as first:
    ...         with claimed(f"{folder}/a.lock") as second:
    ...             print(first, second)
    True False
    """
    import filelock

    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path)
    try:
        lock.acquire(blocking=wait)
    except filelock.Timeout:
        yield False
        return
    except NotImplementedError:  # some network drives
        warnings.warn(
            f"{path.parent} is on a drive that has no locks: run one process "
            "alone on this folder.",
            stacklevel=3,
        )
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):  # its folder has vanished
            lock.release()
