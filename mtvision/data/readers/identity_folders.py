"""A folder for each person, animal or thing to tell apart."""

from mtvision.data.readers.folder_classes import FolderClasses


class IdentityFolders(FolderClasses):
    """A source of images with an identity, which is the folder of each.

    Args:
        folder: Folder with a folder for each identity.
        identities: List of the folders to take, in the order of their
            numbers; by default all, sorted. What is left out is counted in
            `findings`.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image when opening. Without it only
            headers are read.

    Attributes:
        files: List of the files of the samples, inside `folder`.
        classes: `{"identity": names}`.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file` and `identity` ()
    int32.

    Raises:
        ValueError: If a folder does not exist, or a sample is damaged.

    Example:

    >>> faces = IdentityFolders(  # doctest: +SKIP
    ...     "faces", identities=["s01", "s02"]
    ... )
    >>> faces.column("identity")  # doctest: +SKIP
    array([0, 0, 0, 1, 1], dtype=int32)
    """

    field = "identity"

    def __init__(
        self, folder, *, identities=None, on_error="raise", verify=False
    ):
        super().__init__(folder, on_error=on_error, verify=verify)
        self._open_folders(identities)
