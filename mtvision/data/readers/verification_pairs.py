"""Pairs of images: the same identity, or not."""

import numpy as np

from mtvision.data.readers import images as image_files
from mtvision.data.readers.csv_files import read_named_rows
from mtvision.data.readers.file_names import checked_name
from mtvision.data.readers.file_source import FileSource

TRUTHS = {"1": 1, "true": 1, "0": 0, "false": 0, "": -1}


class VerificationPairs(FileSource):
    """A source of pairs of images, from a CSV table.

    Args:
        images: Folder of the images, or a source of them that has such a
            folder, as `IdentityFolders` has.
        pairs: CSV file with a line of column names on top. The first two
            columns name two files, the third says whether they show the same
            identity: 1 or 0, true or false; an empty cell is a missing label.
        columns: Names of the three columns, if they are others.
        on_error: `"raise"`, or `"skip"` to leave damaged pairs out, with a
            warning and in `findings`.
        verify: Whether to decode every image when opening. Without it only
            headers are read.
        follow_links: Whether images that the table names may be links that
            lead out of their folder.

    Attributes:
        files: List of the pairs, as `"s01/1.png s01/2.png"`.
        pairs: List of pairs of files.
        classes: `{"same": ["different", "same"]}`.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `first_image` and `second_image` (H, W, 3) uint8,
    `same` () int32, 1 or 0, and `file`.

    Raises:
        ValueError: If a file is missing or malformed, or a pair is damaged.

    Example:

    >>> pairs = VerificationPairs("faces", "pairs.csv")  # doctest: +SKIP
    >>> pairs[0]["same"], pairs.pairs[0]  # doctest: +SKIP
    (1, ('s31/01.png', 's31/02.png'))
    """

    def __init__(
        self,
        images,
        pairs,
        *,
        columns=None,
        on_error="raise",
        verify=False,
        follow_links=False,
    ):
        folder = getattr(images, "images", images)
        super().__init__(
            folder, on_error=on_error, verify=verify, follow_links=follow_links
        )
        self._open(read_pairs(pairs, columns))
        self.classes = {"same": ["different", "same"]}
        self.pairs = [self._records[name]["pair"] for name in self.files]
        labels = [self._records[name]["same"] for name in self.files]
        self._columns["same"] = np.array(labels, "int32")

    def __getitem__(self, index):
        index = self._number(index)
        first, second = self.paths(index)
        return {
            "file": self.files[index],
            "first_image": image_files.read_image(first),
            "second_image": image_files.read_image(second),
            "same": self._columns["same"][index],
        }

    def path(self, index):
        """The `pathlib.Path` of the first image of a pair.

        Args:
            index: Number of the pair.
        """
        return self.paths(index)[0]

    def paths(self, index):
        """The `pathlib.Path` of both images of a pair.

        Args:
            index: Number of the pair.
        """
        pair = self.pairs[self._number(index)]
        return tuple(self.images / file for file in pair)

    def _look_at(self, file, entry, note):
        for name in entry["pair"]:
            self._look_at_image(name, note)
        if entry["same"] == -1:
            note("no label 'same'")
        return entry


def read_pairs(path, columns=None):
    """Reads a table of pairs.

    Args:
        path: Path of a CSV file, UTF-8.
        columns: Names of three columns: two files, and whether they show the
            same; by default the first three.

    Returns:
        Dict from the name of a pair, its two files with a blank between, to a
        dict of `pair` and `same` (1, 0, or -1 for not given).

    Raises:
        ValueError: If the table is missing or malformed, or has a pair twice.

    Example:

    >>> read_pairs("pairs.csv")  # doctest: +SKIP
    {'a.png b.png': {'pair': ('a.png', 'b.png'), 'same': 1}}
    """
    known, rows = read_named_rows(path)
    columns = list(columns or known[:3])
    if len(columns) != 3 or not set(columns) <= set(known):
        raise ValueError(
            f"{path}: expected the columns of two files and of 1 or 0, asked "
            f"for {columns} of {known}."
        )
    pairs = {}
    for place, row in rows:
        cells = [(row[name] or "").strip() for name in columns]
        name, pair = _read_pair(place, cells)
        if name in pairs:
            raise ValueError(f"{place}: the pair {name!r} is there twice.")
        pairs[name] = pair
    if not pairs:
        raise ValueError(f"{path}: the table has no row.")
    return pairs


def _read_pair(place, cells):
    *names, same = cells
    first, second = (checked_name(place, name) for name in names)
    if same.lower() not in TRUTHS:
        raise ValueError(
            f"{place}: expected 1 or 0, whether {first!r} and {second!r} show "
            f"the same, received {same!r}."
        )
    pair = {"pair": (first, second), "same": TRUTHS[same.lower()]}
    return f"{first} {second}", pair
