"""A data set of files as they are: images, a table, boxes and masks."""

import numpy as np

from mtvision.data import fields
from mtvision.data.readers import images as image_files
from mtvision.data.readers.file_listing import (
    images_inside,
    labels_inside,
    maps_inside,
    without_suffix,
)
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.scanning import (
    check_map_size,
    existing_folder,
    note_voc,
)
from mtvision.data.readers.table import (
    encode_column,
    read_table,
    renumbered,
    require_column,
)
from mtvision.data.readers.voc import check_class_names, read_voc

IGNORED = 255


class Folder(FileSource):
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
            name to its list of classes, to None (the texts that occur, sorted,
            as numbers where all are) or to `float` (measurements). An empty
            cell is a missing label.
        boxes: Folder of Pascal VOC XML files, named as the images.
        box_classes: List of the classes of boxes; by default the sorted names
            that occur.
        box_origin: Number of the first pixel in the XML files, see `read_voc`.
        masks: Folder of PNG masks, named as the images.
        mask_field: Name that the masks get in a sample.
        mask_values: Dict from stored to wanted numbers, for example
            `{1: 1, 2: 0, 3: 255}`. Any other number is then an error.
        mask_classes: List of the names of the wanted numbers 0, 1, ..., for
            `classes`.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in the report.
        verify: Whether to decode every image and mask when opening, at some
            5 ms each. Without it only their headers are read.
        follow_links: Whether images that the table names may be links that
            lead out of their folder.

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
        ValueError: If a folder, table or column does not exist, no image has a
            mask or a file of boxes, or a sample is damaged.

    Example:

    >>> pets = Folder(  # doctest: +SKIP
    ...     "pets/images", table="pets/labels.csv", columns=["breed"],
    ...     boxes="pets/xmls", masks="pets/trimaps",
    ...     mask_values={1: 1, 2: 0, 3: 255},
    ... )
    >>> pets.classes["breed"], pets[0]["image"].shape  # doctest: +SKIP
    (['Abyssinian', 'Bengal'], (400, 600, 3))
    """

    known_fields = ("boxes", "classes")

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
        mask_classes=None,
        on_error="raise",
        verify=True,
        follow_links=False,
    ):
        super().__init__(
            images,
            on_error=on_error,
            verify=verify,
            follow_links=follow_links or table is None,
        )
        self.boxes = None if boxes is None else existing_folder(boxes)
        self.masks = None if masks is None else existing_folder(masks)
        self.box_origin = box_origin
        self.box_classes = box_classes
        self.mask_field = mask_field
        self.mask_values = mask_values
        rows = self._rows(table, key)
        self._open(rows)
        self._read_columns(columns, rows, table)
        self._number_boxes()
        if mask_classes is not None:
            self.classes[mask_field] = list(mask_classes)

    def read_mask(self, file):
        """The mask (H, W) of an image file, or None if there is none."""
        path = self._mask_files.get(without_suffix(file))
        if path is None:
            return None
        mask = image_files.read_mask(path)
        if self.mask_values is None:
            return mask
        return _translate(mask, self.mask_values, path)

    def _rows(self, table, key):
        """The rows of the table by file, or of all images empty ones."""
        found = images_inside(self.images, self.findings)
        rows = {file: {} for file in found}
        if table is not None:
            rows = read_table(table, key)
        for file in sorted(set(found) - rows.keys()):
            self.findings.add("image without a row, left out", file)
        self._list_labels({*found, *rows})
        return rows

    def _list_labels(self, files):
        if self.boxes is not None:
            self._box_files = labels_inside(
                self.boxes, files, self.findings, "file of boxes", ".xml"
            )
        if self.masks is not None:
            self._mask_files = maps_inside(
                self.masks, files, self.findings, "mask"
            )

    def _look_at(self, file, entry, note):
        shape = self._look_at_image(file, note)
        record = {"boxes": None, "names": None}
        if self.boxes is not None:
            record |= self._look_at_boxes(file, shape, note)
        if self.masks is not None:
            self._look_at_mask(file, shape, note)
        return record

    def _look_at_boxes(self, file, shape, note):
        path = self._box_files.get(without_suffix(file))
        if path is None:
            note("no boxes")
            return {}
        voc = read_voc(path, origin=self.box_origin)
        if self.box_classes is not None:
            check_class_names(path, voc["names"], self.box_classes)
        number = len(voc["boxes"])
        if number == 0:
            note("boxes given, but none")
        if number > 1:
            note("more than one box", f" ({number})")
        note_voc(voc, shape, note)
        return {"boxes": voc["boxes"], "names": voc["names"]}

    def _look_at_mask(self, file, shape, note):
        path = self._mask_files.get(without_suffix(file))
        if path is None:
            note("no mask")
            return
        check_map_size(path, shape)
        if not self.verify:
            return
        mask = self.read_mask(file)
        if not ((mask > 0) & (mask != IGNORED)).any():
            note("mask without foreground")

    def _labels(self, file, record, shape):
        labels = {}
        if self.boxes is not None:
            labels |= _box_fields(record)
        if self.masks is not None:
            labels[self.mask_field] = self.read_mask(file)
        return labels

    def _read_columns(self, columns, rows, table):
        if columns and table is None:
            raise ValueError("Columns need a table: pass table=.")
        if not isinstance(columns, dict):
            columns = dict.fromkeys(columns)
        for name, classes in columns.items():
            require_column(table, name, next(iter(rows.values())))
            self._check_column(name, table)
            texts = {file: rows[file][name] for file in self.files}
            numbers, names = encode_column(texts, classes, name)
            self._columns[name] = numbers
            if names is not None:
                self.classes[name] = names
                moved = renumbered(names)
                if moved and classes is None:
                    place = f"column {name!r}: {moved}"
                    self.findings.add("numbers of a table renumbered", place)
            for file, text in texts.items():
                if not (text or "").strip():
                    self.findings.add(f"no label {name!r}", file)

    def _check_column(self, name, table):
        """Raises for a name that stands for a field of another kind."""
        taken = {"image", "file", "box", *fields.OBJECT_AXES, *fields.MAP_WORDS}
        others = {self.mask_field} if self.masks is not None else set()
        others |= {"present"} if self.boxes is not None else set()
        if fields.last_word(name) in taken or name in others:
            raise ValueError(
                f"{table}: the column {name!r} would be taken for the field "
                f"{fields.last_word(name)!r}, which holds something else. Name "
                "it otherwise in the table."
            )

    def _number_boxes(self):
        if self.boxes is None:
            return
        records = self._records.values()
        names = self.box_classes
        if names is None:
            found = (record["names"] or [] for record in records)
            names = sorted({name for each in found for name in each})
        self.classes["classes"] = list(names)
        for record in records:
            if record["names"] is not None:
                numbers = [names.index(name) for name in record["names"]]
                record["classes"] = np.array(numbers, "int32")


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
