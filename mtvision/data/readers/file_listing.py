"""Listing the files of images, and those of their labels."""

import itertools
import pathlib

from mtvision.data.readers import images as image_files
from mtvision.data.readers.file_names import is_unicode

# Files that lie beside images and hold labels, or notes.
OTHERS = (".csv", ".json", ".md", ".txt", ".xml", ".yaml", ".yml")


def images_inside(folder, findings):
    """The image files in a folder and below.

    Args:
        folder: `pathlib.Path`.
        findings: `Findings`; hidden images, such as `._cat.jpg` of macOS, and
            files that are neither images nor annotations are added to it.

    Returns:
        List of relative names, sorted.
    """
    suffixes = image_files.suffixes()
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        name, suffix = inside.as_posix(), path.suffix.lower()
        # A folder may have the name of an image.
        if path.is_dir():
            continue
        if not is_unicode(name):
            findings.add("name is not UTF-8, left out", ascii(name))
            continue
        hidden = any(part.startswith(".") for part in inside.parts)
        if suffix in suffixes:
            if hidden:
                findings.add("hidden image, left out", name)
            else:
                found.append(name)
        elif not hidden and suffix not in OTHERS and path.is_file():
            findings.add("no image by its name, left out", name)
    return sorted(found)


def maps_inside(folder, files, findings, what):
    """The PNG files of maps in a folder and below, by the image of each.

    Args:
        folder: `pathlib.Path` of the maps.
        files: Relative names of the images.
        findings: `Findings`; maps that are left out are added to it.
        what: What a map is called, as `"mask"`.

    Returns:
        Dict from the name of an image, without its suffix, to a
        `pathlib.Path`.

    Raises:
        ValueError: If no image has a map.
    """
    return labels_inside(folder, files, findings, what, ".png")


def labels_inside(folder, files, findings, what, suffix):
    """As `maps_inside`, of files of another suffix, in small letters."""
    images = set(files)
    known = {without_suffix(file) for file in files}
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith(".") or not path.is_file():
            continue
        if not is_unicode(name):
            findings.add("name is not UTF-8, left out", ascii(name))
            continue
        found_suffix = path.suffix.lower()
        if found_suffix != suffix:
            # Both may lie in one folder.
            if found_suffix not in OTHERS and name not in images:
                findings.add(f"no {what} by its name, left out", name)
        elif without_suffix(name) in known:
            found[without_suffix(name)] = path
        else:
            findings.add(f"{what} without an image, left out", name)
    if not found:
        raise ValueError(
            f"{folder}: no image has a {what} here. Expected the names of the "
            f"images, as {min(known, default='cat')}{suffix}; found "
            f"{_some_of(folder)}."
        )
    return found


def without_suffix(name):
    """`"cats/tom.jpg"` gives `"cats/tom"`."""
    return pathlib.PurePosixPath(name).with_suffix("").as_posix()


def _some_of(folder):
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(itertools.islice(names, 3)) or "nothing"
