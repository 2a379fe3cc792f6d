"""A folder for one training at a time."""

import contextlib
import pathlib
import warnings

from mtvision.training.claimed import claimed


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
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"Expected the path of a folder, {folder} is a file.")
    with contextlib.ExitStack() as stack:
        try:
            alone = stack.enter_context(claimed(folder / "resume.lock"))
        except OSError as error:
            alone = True
            warnings.warn(
                f"{folder} cannot be kept for this training alone: {error}. "
                "Run no other one in it.",
                stacklevel=3,
            )
        if not alone:
            raise ValueError(
                f"Another training is running in {folder}. Wait for its end, "
                "or give each training, and each fit within another, its own "
                "folder."
            )
        yield
