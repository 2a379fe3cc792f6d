"""A folder for one training at a time."""

import contextlib
import pathlib
import warnings


@contextlib.contextmanager
def alone_in(folder):
    """Makes a folder and keeps other trainings out of it.

    The system opens it again when the process ends, however that dies.

    Args:
        folder: Its path.

    Yields:
        Nothing.

    Raises:
        ValueError: If it is a file, or another training is in it.
    """
    import filelock

    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"Expected the path of a folder, {folder} is a file.")
    lock = filelock.FileLock(folder / "resume.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise ValueError(
            f"Another training is running in {folder}. Wait for its end, or "
            "give each training, and each fit within another, its own folder."
        ) from None
    except (OSError, NotImplementedError) as error:
        warnings.warn(
            f"{folder} cannot be kept for this training alone: {error}. Run no "
            "other one in it.",
            stacklevel=3,
        )
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.release()
