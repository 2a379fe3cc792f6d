"""A folder for each class."""

import numpy as np

from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.folder_classes import images_by_class
from mtvision.data.readers.scanning import look_at_image


class ClassFolders(FileSource):
    """A source of images with a class, which is the folder that each lies in.

    Args:
        folder: Folder with a folder for each class; further ones inside of
            these belong to their class.
        classes: List of the folders to take, in the order of the class
            numbers; by default all, sorted. What is left out is counted in
            `findings`.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image when opening. Without it only
            headers are read.

    Attributes:
        files: List of the files of the samples, inside `folder`.
        classes: `{"label": names}`.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file` and `label` ()
    int32.

    Raises:
        ValueError: If a folder does not exist, or a sample is damaged.

    Example:

    >>> flowers = ClassFolders("flowers/train")  # doctest: +SKIP
    >>> flowers.classes["label"], flowers[0]["label"]  # doctest: +SKIP
    (['daisy', 'rose'], 0)
    """

    field = "label"

    def __init__(self, folder, *, classes=None, on_error="raise", verify=False):
        super().__init__(folder, on_error=on_error, verify=verify)
        entries, names = images_by_class(folder, classes, self.findings)
        self.classes = {self.field: names}
        self._open(entries)
        labels = [self._records[file][self.field] for file in self.files]
        self._columns[self.field] = np.array(labels, "int32")

    def _look_at(self, file, entry, note):
        look_at_image(self.images / file, note, verify=self.verify)
        return {self.field: np.int32(entry)}
