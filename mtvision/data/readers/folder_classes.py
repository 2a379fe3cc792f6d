"""Folders of images, one for each class or identity."""

import numpy as np

from mtvision.data.hints import hint
from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.scanning import (
    existing_folder,
)


class FolderClasses(FileSource):
    """A source of images numbered by their folders, in the field `field`."""

    field = None

    def _open_folders(self, names):
        entries, names = images_by_class(self.images, names, self.findings)
        self.classes = {self.field: names}
        self._open(entries, stacklevel=4)
        labels = [self._records[file][self.field] for file in self.files]
        self._columns[self.field] = np.array(labels, "int32")

    def _look_at(self, file, entry, note):
        self._look_at_image(file, note)
        return {self.field: np.int32(entry)}


def images_by_class(folder, names, findings):
    """The images in the folders of classes.

    Args:
        folder: Folder of folders.
        names: List of the folders to take, in the order of their numbers; or
            None for all of them, sorted.
        findings: `Findings`; what is left out is added to it.

    Returns:
        Dict from file to class number, and the list of names.

    Raises:
        ValueError: If there is no such folder.
    """
    root = existing_folder(folder)
    found = sorted(path.name for path in root.iterdir() if path.is_dir())
    if names is None:
        names = [name for name in found if not name.startswith(".")]
    names = list(names)
    for name in names:
        if name not in found:
            raise ValueError(
                f"{root}: there is no folder {name!r}.{hint(name, found)}"
            )
    numbers = {name: number for number, name in enumerate(names)}
    entries = {}
    for file in images_inside(root, findings):
        name, inside, _ = file.partition("/")
        if not inside:
            findings.add("image outside of the folders, left out", file)
        elif name in numbers:
            entries[file] = numbers[name]
        else:
            findings.add("folder not asked for, left out", file)
    for name in sorted(set(names) - {file.split("/")[0] for file in entries}):
        findings.add("folder without images", name)
    return entries, names
