"""Files of a training in its folder: the last few, each whole or not there."""

import contextlib
import os
import pathlib
import re
import warnings

from mtvision.training.resuming import packing
from mtvision.training.whole_file import whole_file

_NAME = re.compile(r"step-(\d{10})\.resume")


def path_of(folder, step):
    """The path of the file after so many steps.

    Args:
        folder: Path of the folder.
        step: Number of steps since the beginning of the training.

    Returns:
        `pathlib.Path`.

    Example:

    >>> path_of("runs", 120).name
    'step-0000000120.resume'
    """
    return pathlib.Path(folder) / f"step-{step:010d}.resume"


def newest_first(folder):
    """The files of a folder.

    Args:
        folder: Path of the folder.

    Returns:
        List of paths, that of the most steps first.
    """
    if not os.path.isdir(folder):
        return []
    names = sorted(os.listdir(folder), reverse=True)
    paths = [pathlib.Path(folder) / n for n in names if _NAME.fullmatch(n)]
    return [path for path in paths if path.is_file()]  # and no pipe


def write(path, value):
    """Writes a file that replaces the one of its name at once, when whole.

    Args:
        path: As from `path_of`.
        value: As for `packing.pack`.

    Raises:
        OSError: If it cannot be written. The folder is then as before.
    """
    with whole_file(path, part=path.with_suffix(".part")) as file:
        for chunk in packing.pack(value):
            file.write(chunk)


def read_newest(folder):
    """Reads the newest file that is whole.

    Args:
        folder: Path of the folder.

    Returns:
        Its path and its value, or `None` and `None`; and a list of the paths
        of newer ones, of which a warning says what is wrong.

    Raises:
        ValueError: If a file may not be read, or is of another version of the
            format: it may still be whole.
    """
    bad = []
    for path in newest_first(folder):
        try:
            return path, packing.unpack(path.read_bytes()), bad
        except packing.NotWhole as error:
            bad.append(path)
            warnings.warn(
                f"{path} cannot be used: {error}. The file before it is taken, "
                "if there is one.",
                stacklevel=2,
            )
        except (OSError, ValueError) as error:
            raise ValueError(f"{path}: {error}.") from None
    return None, None, bad


def remove(paths):
    """Removes files, as far as that is possible.

    Args:
        paths: List of paths.
    """
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


def remove_parts(folder):
    """Removes what a process that was killed has begun to write.

    Args:
        folder: Path of the folder.
    """
    folder = pathlib.Path(folder)
    remove(p for p in folder.glob("step-*.part"))
