"""Names of files that stand in other files, which strangers may have made."""

import os
import pathlib

# What Linux takes as a path, and as a part of one.
LONGEST_PATH, LONGEST_PART = 4096, 255


def checked_name(place, name):
    """The name of a file, if it stays inside the folder that it belongs to.

    Args:
        place: Where the name was read, for the message.
        name: Should be the relative name of a file.

    Returns:
        The name as a listing of the folder has it, so that one file has one
        name.

    Raises:
        ValueError: If it is no text, empty, absolute, too long, leads out of
            the folder or holds what no name holds.

    Example:

    >>> checked_name("labels.csv, line 2", "./cats//tom.jpg")
    'cats/tom.jpg'
    """
    fault = _fault(name)
    if fault:
        raise ValueError(
            f"{place}: expected the name of a file inside the folder of "
            f"images, received {name!a:.80}, which {fault}."
        )
    return pathlib.PurePosixPath(name).as_posix()


def is_unicode(name):
    """Whether a text can be written as UTF-8.

    Example:

    >>> is_unicode("tom"), is_unicode("tom" + chr(0xD800))
    (True, False)
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def inside(folder, name, *, follow_links):
    """The path of a file that another file names.

    Args:
        folder: `pathlib.Path` of the folder; it may be a link itself.
        name: Relative name that `checked_name` gave.
        follow_links: Whether links may lead out of the folder.

    Returns:
        `pathlib.Path`.

    Raises:
        ValueError: If the file is a link that leads out of the folder.

    Example:

    >>> inside(pathlib.Path("cats"), "tom.jpg", follow_links=False).name
    'tom.jpg'
    """
    path = folder / name
    target = path if follow_links else pathlib.Path(os.path.realpath(path))
    if follow_links or target.is_relative_to(os.path.realpath(folder)):
        return path
    raise ValueError(
        f"{path} is a link that leads out of its folder, to {target}. Copy "
        "the file; or, if you know who made the link, pass follow_links=True."
    )


def _fault(name):
    """What is wrong with a name, or None."""
    if not isinstance(name, str):
        return "is no text"
    # Knows both kinds of slashes, and drives.
    pure = pathlib.PureWindowsPath(name)
    if not pure.parts:
        return "is empty"
    if pure.anchor or ".." in pure.parts:
        return "leads out of it"
    if not is_unicode(name) or min(name) < " ":
        return "holds control characters or half of one"
    if len(name) > LONGEST_PATH or max(map(len, pure.parts)) > LONGEST_PART:
        return f"has {len(name)} characters"
    return None
