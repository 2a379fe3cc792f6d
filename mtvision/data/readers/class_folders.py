"""A folder for each class."""

from mtvision.data.readers.folder_classes import FolderClasses


class ClassFolders(FolderClasses):
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
        self._open_folders(classes)
