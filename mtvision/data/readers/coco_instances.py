"""COCO's JSON files of instances and key points."""

import pathlib

import numpy as np

from mtvision.data.readers import coco_json, coco_keypoints
from mtvision.data.readers.coco_masks import (
    draw_mask,
    empty_masks,
    parse_segmentation,
)
from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.keypoint_names import flip_pairs
from mtvision.data.readers.scanning import (
    note_box_faults,
)


class CocoInstances(FileSource):
    """A source of images with objects from a COCO JSON file.

    An image that is listed without an annotation has no object, which is a
    label too; one that is not listed is left out, and counted in `findings`.

    Args:
        images: Folder of the images.
        annotations: JSON file with `images`, `categories` and `annotations`.
            Without `annotations` nothing is labelled.
        categories: List of the categories to take, names or ids, in the
            order of the class numbers; by default all. Objects of others are
            left out, and counted in `findings`.
        masks: Whether to read the masks of the objects. Polygons need
            pycocotools.
        keypoints: Names of the lists of an annotation to join to key points:
            `("keypoints",)`, which is the default if categories name some, or
            also `"foot_kpts"`, `"face_kpts"` and so on of COCO-WholeBody.
            `True` reads those that the categories name, and is an error if
            none does; `False` or `()` reads none.
        keypoint_offset: Added to x and y of key points. COCO gives them as
            numbers of pixels, whose centres are at half-integers here.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image and mask when opening. Without
            it only headers and annotations are read.
        follow_links: Whether images that the JSON names may be links that
            lead out of their folder.

    Attributes:
        files: List of the files of the samples.
        classes: `{"classes": names}`, in the order of the category ids or
            of `categories`.
        category_ids: Int array (C,), the category id of each class number.
        keypoint_names: List of the names of the K key points.
        skeleton: List of pairs of numbers of joined key points.
        flip_pairs: List of pairs of numbers of key points that change places
            in a mirrored image, as far as `left` and `right` in names tell.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file`, `boxes` (M, 4),
    `classes` (M,), `crowd` (M,), `area` (M,) float32 in pixels, as the JSON
    says, else that of the mask if masks are read, else NaN; with `masks` also
    `masks` (M, H, W) uint8, or None where an object has none; with key points
    also `keypoints` (M, K, 3).

    Raises:
        ValueError: If a file is missing or malformed, or a sample is damaged.

    Example:

    >>> coco = CocoInstances(  # doctest: +SKIP
    ...     "coco/val2017", "coco/annotations/instances_val2017.json",
    ...     masks=True,
    ... )
    >>> coco[0]["boxes"].shape, coco[0]["masks"].shape  # doctest: +SKIP
    ((20, 4), (20, 426, 640))

    Reference:
        Lin et al., "Microsoft COCO: Common Objects in Context", 2014.
    """

    known_fields = ("boxes", "classes", "crowd", "area", "keypoints")

    def __init__(
        self,
        images,
        annotations,
        *,
        categories=None,
        masks=False,
        keypoints=None,
        keypoint_offset=0.5,
        on_error="raise",
        verify=False,
        follow_links=False,
    ):
        super().__init__(
            images, on_error=on_error, verify=verify, follow_links=follow_links
        )
        self.annotations = pathlib.Path(annotations)
        self.masks = masks
        self.keypoint_offset = keypoint_offset
        content = coco_json.read_json(annotations, ["images", "categories"])
        listed = coco_json.categories_of(content, annotations)
        categories = coco_json.choose_categories(
            listed, categories, annotations
        )
        self.classes = {"classes": [c["name"] for c in categories]}
        self.category_ids = np.array([c["id"] for c in categories])
        self._numbers = {c["id"]: k for k, c in enumerate(categories)}
        entries = coco_json.entries_of(content, annotations, self.findings)
        self._name_keypoints(keypoints, categories, content)
        left_out = [c for c in listed if c["id"] not in self._numbers]
        coco_json.leave_out_categories(entries, left_out, self.findings)
        coco_json.note_unlisted(
            images_inside(self.images, self.findings), entries, self.findings
        )
        self._open(entries)

    def _name_keypoints(self, parts, categories, content):
        if parts is None:
            named = any(c.get("keypoints") for c in categories)
            parts = ("keypoints",) if named else ()
        if isinstance(parts, bool):
            parts = ("keypoints",) if parts else ()
        self.keypoints = parts
        self._parts = coco_keypoints.names_of(
            categories, parts, content.get("annotations", ())
        )
        names = [name for part in self._parts.values() for name in part]
        self.keypoint_names = names
        self.skeleton = []
        # Its numbers are those of the first part of the points.
        if names and next(iter(self._parts)) == "keypoints":
            self.skeleton = coco_keypoints.skeleton_of(categories)
        self.flip_pairs = flip_pairs(names)

    def _look_at(self, file, entry, note):
        shape = self._look_at_image(file, note)
        coco_json.note_size(entry, shape, note)
        annotations = entry["annotations"]
        if annotations is None:
            note("not labelled")
            return dict.fromkeys(self._fields())
        if not annotations:
            note("no object")
        record = {
            "boxes": coco_json.boxes_of(annotations),
            "classes": coco_json.classes_of(annotations, self._numbers),
            "crowd": coco_json.crowd_of(annotations),
            "area": coco_json.areas_of(annotations, note),
        }
        note_box_faults(record["boxes"], shape, note)
        if self._parts:
            record["keypoints"] = coco_keypoints.read_keypoints(
                annotations,
                self._parts,
                offset=self.keypoint_offset,
                note=note,
            )
        if self.masks:
            record["masks"] = _parse_all(annotations, shape, note)
            if self.verify:
                _draw_all(record["masks"], shape)
        return record

    def _fields(self):
        fields = ["boxes", "classes", "crowd", "area"]
        fields += ["keypoints"] if self._parts else []
        return fields + (["masks"] if self.masks else [])

    def _labels(self, file, record, shape):
        labels = {name: record[name] for name in self._fields()}
        if self.masks:
            try:
                labels["masks"] = _draw_all(record["masks"], shape)
            except ValueError as error:
                raise ValueError(
                    f"{self.annotations}, {file}: {error}"
                ) from None
            labels["area"] = _known_areas(labels["area"], labels["masks"])
        return labels


def _known_areas(areas, masks):
    """Areas (M,), those that are not known from masks, if there are any."""
    if areas is None or masks is None:
        return areas
    pixels = masks.sum(axis=(1, 2), dtype="float32")
    return np.where(np.isnan(areas), pixels, areas)


def _draw_all(parsed, shape):
    if parsed is None:
        return None
    masks = empty_masks(len(parsed), shape)
    for row, each in enumerate(parsed):
        try:
            masks[row] = draw_mask(each, shape)
        except ValueError as error:
            raise ValueError(f"object {row}: {error}") from None
    return masks


def _parse_all(annotations, shape, note):
    """The packed segmentations, or None if an object has none."""
    lacking = [a for a in annotations if not a.get("segmentation")]
    if lacking:
        note("object without mask, no masks given", f" ({len(lacking)})")
        return None
    return [_parse(annotation, shape) for annotation in annotations]


def _parse(annotation, shape):
    try:
        return parse_segmentation(annotation["segmentation"], shape)
    except ValueError as error:
        raise ValueError(
            f"annotation {annotation.get('id')}: {error}"
        ) from None
