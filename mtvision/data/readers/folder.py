"""A data set of files as they are: images, a table, boxes and masks."""

import pathlib
import warnings

import numpy as np

from mtvision.data.hints import hint
from mtvision.data.readers import images as image_files
from mtvision.data.readers.findings import Findings
from mtvision.data.readers.folder_scan import DAMAGED, scan
from mtvision.data.readers.table import (
    encode_column,
    read_table,
    require_column,
)


class Folder:
    """A source of images with labels from a CSV table, XML files and masks.

    Every file is looked at once when the folder is opened, so that damaged
    files show at once and not in the third epoch; `print(folder.report())`
    tells what was found. A file of boxes or a mask that does not exist means
    that the label was not given.

    Args:
        images: Folder of images, in any format, whatever their names say.
        table: CSV file with a row for each image and a line of column names
            on top. Without one, all images in the folder are taken.
        key: Column with the file of the image, inside `images`.
        columns: Columns to read as labels: a list of names, or a dict from
            name to its list of classes, to None (the sorted texts) or to
            `float` (measurements). An empty cell is a missing label.
        boxes: Folder of Pascal VOC XML files, named as the images.
        box_classes: List of the classes of boxes; by default the sorted names
            that occur.
        box_origin: Number of the first pixel in the XML files, see `read_voc`.
        masks: Folder of PNG masks, named as the images.
        mask_field: Name that the masks get in a sample.
        mask_values: Dict from stored to wanted numbers, for example
            `{1: 1, 2: 0, 3: 255}`. Any other number is then an error.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in the report.
        verify: Whether to decode every image and mask when opening, at some
            5 ms each. Without it only their headers are read.

    Attributes:
        files: List of the files of the samples.
        classes: Dict from field to its list of class names; `"classes"` has
            those of the boxes.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file`, one for each
    column; with `boxes` also `boxes` (M, 4), `classes` (M,), and of the
    largest box `box` (4,) and `present` (1.0, or 0.0 where the XML file has no
    object); with `masks` also the mask (H, W) int32.

    Raises:
        ValueError: If a folder, table or column does not exist, or a sample is
            damaged.

    Example:

    >>> pets = Folder(  # doctest: +SKIP
    ...     "pets/images", table="pets/labels.csv", columns=["breed"],
    ...     boxes="pets/xmls", masks="pets/trimaps",
    ...     mask_values={1: 1, 2: 0, 3: 255},
    ... )
    >>> pets.classes["breed"], pets[0]["image"].shape  # doctest: +SKIP
    (['Abyssinian', 'Bengal'], (400, 600, 3))
    """

    def __init__(
        self,
        images,
        *,
        table=None,
        key="file",
        columns=(),
        boxes=None,
        box_classes=None,
        box_origin=1,
        masks=None,
        mask_field="semantic",
        mask_values=None,
        on_error="raise",
        verify=True,
    ):
        self.images = _folder(images)
        self.boxes = None if boxes is None else _folder(boxes)
        self.masks = None if masks is None else _folder(masks)
        self.box_origin = box_origin
        self.box_classes = box_classes
        self.mask_field = mask_field
        self.mask_values = mask_values
        self.verify = verify
        self.findings = Findings()
        if on_error not in ("raise", "skip"):
            raise ValueError(
                f"Expected on_error 'raise' or 'skip', received {on_error!r}."
            )
        rows = self._rows(table, key)
        self._records = scan(self, list(rows))
        self._leave_out(on_error)
        self.files = [record["file"] for record in self._records]
        self.classes, self._columns = {}, {}
        self._read_columns(columns, rows, table)
        self._number_boxes()

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        record = self._records[index]
        file = record["file"]
        sample = {"file": file}
        sample["image"] = image_files.read_image(self.images / file)
        for name, numbers in self._columns.items():
            sample[name] = numbers[index]
        if self.boxes is not None:
            sample |= _box_fields(record)
        if self.masks is not None:
            sample[self.mask_field] = self.read_mask(file)
        return sample

    def column(self, name):
        """The labels (N,) of all samples in a column, without reading images.

        Args:
            name: One of `columns`.
        """
        if name not in self._columns:
            raise ValueError(
                f"There is no column {name!r} among {list(self._columns)}."
                f"{hint(name, self._columns)}"
            )
        return self._columns[name]

    def report(self):
        """What was found in the files, as a table to print."""
        return f"{len(self)} samples in {self.images}\n{self.findings}"

    def read_mask(self, file):
        """The mask (H, W) of an image file, or None if there is none."""
        path = (self.masks / file).with_suffix(".png")
        if not path.exists():
            return None
        mask = image_files.read_mask(path)
        if self.mask_values is None:
            return mask
        return _translate(mask, self.mask_values, path)

    def _rows(self, table, key):
        """The rows of the table by file, or of all images empty ones."""
        found = sorted(
            path.relative_to(self.images).as_posix()
            for path in self.images.rglob("*")
            if path.suffix.lower() in image_files.suffixes()
        )
        if table is None:
            if not found:
                raise ValueError(f"{self.images}: there is no image in it.")
            return {file: {} for file in found}
        rows = read_table(table, key)
        for file in sorted(set(found) - rows.keys()):
            self.findings.add("image without a row, left out", file)
        return rows

    def _leave_out(self, on_error):
        damaged = self.findings.get(DAMAGED, [])
        if not damaged:
            return
        number = f"{len(damaged)} of {len(damaged) + len(self._records)}"
        shown = "\n  ".join(damaged[:5])
        if on_error == "raise" or not self._records:
            raise ValueError(
                f"{number} samples are damaged:\n  {shown}\nCorrect them, or "
                "pass on_error='skip' to leave them out."
            )
        warnings.warn(
            f"{number} samples are damaged and left out:\n  {shown}\n"
            "See report().",
            stacklevel=3,
        )

    def _read_columns(self, columns, rows, table):
        if columns and table is None:
            raise ValueError("Columns need a table: pass table=.")
        if not isinstance(columns, dict):
            columns = dict.fromkeys(columns)
        for name, classes in columns.items():
            require_column(table, name, next(iter(rows.values())))
            texts = {file: rows[file][name] for file in self.files}
            numbers, names = encode_column(texts, classes, name)
            self._columns[name] = numbers
            if names is not None:
                self.classes[name] = names
            for file, text in texts.items():
                if not (text or "").strip():
                    self.findings.add(f"no label {name!r}", file)

    def _number_boxes(self):
        if self.boxes is None:
            return
        names = self.box_classes
        if names is None:
            found = (record["names"] or [] for record in self._records)
            names = sorted({name for each in found for name in each})
        self.classes["classes"] = list(names)
        for record in self._records:
            if record["names"] is not None:
                numbers = [names.index(name) for name in record["names"]]
                record["classes"] = np.array(numbers, "int32")


def _folder(path):
    path = pathlib.Path(path)
    if not path.is_dir():
        raise ValueError(f"{path}: there is no such folder.")
    return path


def _box_fields(record):
    boxes = record["boxes"]
    sample = {"boxes": boxes, "classes": record.get("classes")}
    sample["present"] = np.float32(np.nan if boxes is None else len(boxes) > 0)
    sample["box"] = np.full(4, np.nan, "float32")
    if boxes is not None and len(boxes):
        sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
        sample["box"] = boxes[sides.prod(axis=-1).argmax()]
    return sample


def _translate(mask, values, path):
    unknown = np.iinfo("int32").min
    table = np.full(int(mask.max()) + 1, unknown, "int32")
    for stored, wanted in values.items():
        if 0 <= stored < len(table):
            table[stored] = wanted
    translated = table[mask]
    strange = mask[translated == unknown]
    if strange.size:
        raise ValueError(
            f"{path}: {strange.size} pixels hold {np.unique(strange)[:5]}, "
            f"which mask_values {values} does not name."
        )
    return translated
