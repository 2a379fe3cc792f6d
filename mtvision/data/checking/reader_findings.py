"""What a reader found when it opened its files."""

from mtvision.data.checking.place import Place
from mtvision.data.readers.findings import file_in

PREFIX = "reader: "


def reader_findings(split, source):
    """What a reader found when it opened its files.

    Args:
        split: Name of the split.
        source: A source that may have `findings`, dict from kind to list of
            places, texts that begin with the file; and `files`.

    Yields:
        Kind, beginning with "reader: ", and `Place`.

    Example:

    >>> from mtvision.data.readers.folder import Folder
    >>> folder = Folder("photos", on_error="skip")  # doctest: +SKIP
    >>> list(reader_findings("all", folder))  # doctest: +SKIP
    [('reader: named otherwise', Place(split='all', index=3, ...
    """
    files = getattr(source, "files", None) or []
    numbers = {str(file): index for index, file in enumerate(files)}
    for kind, places in (getattr(source, "findings", None) or {}).items():
        for text in map(str, places):
            file = file_in(text, numbers)
            if file is not None:
                detail = text[len(file) :].lstrip(": ")
                place = Place(split, numbers[file], file, "", detail)
                yield PREFIX + kind, place
            else:
                yield PREFIX + kind, Place(split, detail=text)
