"""Text files of boxes and polygons, as YOLO has them."""

from mtvision.data.readers.coco_masks import empty_masks, fill_polygons
from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.scanning import (
    existing_folder,
    note_box_faults,
)
from mtvision.data.readers.yolo_labels import read_yolo
from mtvision.data.readers.yolo_names import class_names

MISSING = ("unlabelled", "empty")


class Yolo(FileSource):
    """A source of images with objects from text files, one for each image.

    Args:
        images: Folder of the images.
        labels: Folder of the text files, named as the images.
        names: List of the class names; or a dict from their numbers, 0, 1,
            ..., to them; or a text file with one name a line; or a `.yaml`
            file of Ultralytics, whose `names` are read.
        masks: Whether to give masks, from polygons; needs pycocotools.
        missing: What an image without a text file says: `"unlabelled"`,
            nothing is known of it, or `"empty"`, it has no object. Both are
            counted in `findings`. An empty text file says: no object.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image when opening. Without it only
            headers and annotations are read.

    Attributes:
        files: List of the files of the samples.
        classes: `{"classes": names}`.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file`, `boxes` (M, 4) in
    pixels and `classes` (M,); with `masks` also `masks` (M, H, W) uint8, or
    None where an object has no polygon.

    Raises:
        ValueError: If a folder does not exist, names are malformed, or a
            sample is damaged.

    Example:

    >>> yolo = Yolo(  # doctest: +SKIP
    ...     "coco8/images/train", "coco8/labels/train", names="coco8/names.txt"
    ... )
    >>> yolo[0]["boxes"].shape  # doctest: +SKIP
    (8, 4)
    """

    known_fields = ("boxes", "classes")

    def __init__(
        self,
        images,
        labels,
        *,
        names,
        masks=False,
        missing="unlabelled",
        on_error="raise",
        verify=False,
    ):
        super().__init__(images, on_error=on_error, verify=verify)
        if missing not in MISSING:
            raise ValueError(
                f"Expected missing as one of {MISSING}, received {missing!r}."
            )
        self.labels = existing_folder(labels)
        self.masks = masks
        self.missing = missing
        self.classes = {"classes": class_names(names)}
        found = images_inside(self.images, self.findings)
        self._note_left_over(found)
        self._open({file: self._path(file) for file in found})

    def _path(self, file):
        return (self.labels / file).with_suffix(".txt")

    def _note_left_over(self, files):
        known = {self._path(file) for file in files}
        for path in sorted(self.labels.rglob("*.txt")):
            if path not in known:
                name = path.relative_to(self.labels).as_posix()
                self.findings.add("labels without an image, left out", name)

    def _look_at(self, file, entry, note):
        shape = self._look_at_image(file, note)
        if entry.is_file():
            number = len(self.classes["classes"])
            record = read_yolo(entry, shape, num_classes=number)
            if len(record["boxes"]) == 0:
                note("no object")
        else:
            note(f"no text file, {self.missing}")
            if self.missing == "unlabelled":
                return dict.fromkeys(("boxes", "classes", "polygons"))
            record = read_yolo(None, shape, num_classes=0)
        note_box_faults(record["boxes"], shape, note)
        lacking = sum(polygon is None for polygon in record["polygons"])
        if self.masks and lacking:
            note("object without polygon, no masks given", f" ({lacking})")
            record["polygons"] = None
        return record

    def _labels(self, file, record, shape):
        labels = {name: record[name] for name in ("boxes", "classes")}
        if self.masks:
            polygons = record["polygons"]
            given = polygons is not None
            labels["masks"] = _draw(polygons, shape) if given else None
        return labels


def _draw(polygons, shape):
    masks = empty_masks(len(polygons), shape)
    for row, polygon in enumerate(polygons):
        masks[row] = fill_polygons([polygon], shape)
    return masks
