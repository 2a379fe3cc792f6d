"""Folders in the layout of Pascal VOC."""

import collections
import contextlib
import pathlib

import numpy as np

from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_names import checked_name, inside
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.scanning import (
    existing_folder,
    note_voc,
)
from mtvision.data.readers.text_files import read_text
from mtvision.data.readers.voc import check_class_names, read_voc


class VocDetection(FileSource):
    """A source of images with boxes from a folder in the layout of Pascal VOC.

    Args:
        folder: Folder with `JPEGImages`, `Annotations` and, for splits,
            `ImageSets/Main`.
        split: Name of a list in `ImageSets/Main`, such as `"train"`; by
            default all annotated images are taken.
        classes: List of the class names; by default the sorted names that
            occur in any file of `Annotations`, so that all splits number
            their classes alike.
        box_origin: Number of the first pixel. VOC counts from 1 and includes
            the last pixel; tools that write the same files often give the
            edges of the box, which 0 takes as they are. See `read_voc`.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image when opening. Without it only
            headers and annotations are read.
        follow_links: Whether files that a split names may be links that
            lead out of their folder.

    Attributes:
        files: List of the files of the samples, inside `JPEGImages`.
        classes: `{"classes": names}`.
        findings: Dict from kind of finding to the list of its places. Boxes
            without area count as such if the file writes them so, even where
            VOC's last pixel makes one pixel of them.

    A sample has the fields `image` (H, W, 3) uint8, `file`, `boxes` (M, 4),
    `classes` (M,) and `difficult` (M,).

    Raises:
        ValueError: If a file is missing or malformed, or a sample is damaged.

    Example:

    >>> train = VocDetection(  # doctest: +SKIP
    ...     "VOCdevkit/VOC2007", split="train"
    ... )
    >>> train[0]["boxes"].shape, train.classes["classes"]  # doctest: +SKIP
    ((1, 4), ['aeroplane', 'bicycle', ...

    Reference:
        Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge",
        2010.
    """

    known_fields = ("boxes", "classes", "difficult")

    def __init__(
        self,
        folder,
        *,
        split=None,
        classes=None,
        box_origin=1,
        on_error="raise",
        verify=False,
        follow_links=False,
    ):
        folder = existing_folder(folder)
        super().__init__(
            folder / "JPEGImages",
            on_error=on_error,
            verify=verify,
            follow_links=follow_links or split is None,
        )
        self.annotations = existing_folder(folder / "Annotations")
        self.split = split
        self.box_origin = box_origin
        self._known = classes
        by_stem = {}
        for file in images_inside(self.images, self.findings):
            stem = file.rpartition(".")[0]
            if by_stem.setdefault(stem, file) != file:
                place = f"{file} (beside {by_stem[stem]})"
                self.findings.add("second image of a name, left out", place)
        if split is None:
            stems = self._annotated(by_stem)
        else:
            stems = read_split(folder / "ImageSets/Main" / f"{split}.txt")
        # An image that is missing gives an error that names it.
        self._open({by_stem.get(k, f"{k}.jpg"): k for k in stems})
        self._number_classes()

    def _annotated(self, by_stem):
        paths = self.annotations.glob("*.xml")
        stems = sorted(path.stem for path in paths)
        for stem in sorted(by_stem.keys() - set(stems)):
            self.findings.add("image without XML, left out", by_stem[stem])
        return stems

    def _look_at(self, file, entry, note):
        shape = self._look_at_image(file, note)
        links = self.follow_links
        path = inside(self.annotations, f"{entry}.xml", follow_links=links)
        voc = read_voc(path, origin=self.box_origin)
        if self._known is not None:
            check_class_names(path, voc["names"], self._known)
        if not voc["names"]:
            note("no object")
        note_voc(voc, shape, note)
        return {name: voc[name] for name in ("boxes", "names", "difficult")}

    def _number_classes(self):
        names = self._known
        if names is None:
            names = self._names_of_all()
        self.classes["classes"] = list(names)
        numbers = {name: number for number, name in enumerate(names)}
        for record in self._records.values():
            found = [numbers[name] for name in record.pop("names")]
            record["classes"] = np.array(found, "int32")

    def _names_of_all(self):
        records = self._records.values()
        found = {name for record in records for name in record["names"]}
        read = {pathlib.PurePosixPath(file).stem for file in self._records}
        for path in sorted(self.annotations.glob("*.xml")):
            if self.split is not None and path.stem not in read:
                # What is damaged in another split, that split will tell.
                with contextlib.suppress(ValueError):
                    found.update(read_voc(path)["names"])
        return sorted(found)


def read_split(path):
    """Reads a list of images, one name without suffix a line.

    Args:
        path: Path of the text file.

    Returns:
        List of names.

    Raises:
        ValueError: If the file is missing or empty, or a line has something
            else.

    Example:

    >>> read_split("ImageSets/Main/train.txt")  # doctest: +SKIP
    ['000012', '000017', ...
    """
    path = pathlib.Path(path)
    if not path.is_file():
        known = sorted(other.stem for other in path.parent.glob("*.txt"))
        raise ValueError(f"{path}: there is no such list among {known}.")
    names = [line.strip() for line in read_text(path).splitlines()]
    names = [checked_name(str(path), name) for name in names if name]
    for name in names:
        if " " in name:
            raise ValueError(
                f"{path}: expected one name a line, received {name!r}. Lists "
                "with a second column are of one class: take the others."
            )
    if len(set(names)) < len(names):
        counts = collections.Counter(names)
        twice = sorted(name for name in counts if counts[name] > 1)
        raise ValueError(f"{path}: {twice[:5]} are listed more than once.")
    if not names:
        raise ValueError(f"{path}: the list is empty.")
    return names
