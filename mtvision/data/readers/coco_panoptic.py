"""COCO's panoptic JSON files and PNG maps."""

import pathlib

import numpy as np

from mtvision.data.readers import coco_json
from mtvision.data.readers import images as image_files
from mtvision.data.readers.coco_masks import empty_masks
from mtvision.data.readers.file_listing import images_inside
from mtvision.data.readers.file_names import checked_name, inside
from mtvision.data.readers.file_source import FileSource
from mtvision.data.readers.scanning import (
    check_map_size,
    existing_folder,
    note_box_faults,
)

# As in Cityscapes, panoptic = class * 1000 + instance.
INSTANCES = 1000
VOID = -1


class CocoPanoptic(FileSource):
    """A source of images with a panoptic map from COCO's files.

    Args:
        images: Folder of the images.
        annotations: Panoptic JSON file.
        maps: Folder of its PNG maps, whose colours number the segments.
        masks: Whether to give the masks of things.
        on_error: `"raise"`, or `"skip"` to leave damaged samples out, with a
            warning and in `findings`.
        verify: Whether to decode every image and map when opening. Without it
            only headers and annotations are read.
        follow_links: Whether files that the JSON names may be links that
            lead out of their folder.

    Attributes:
        files: List of the files of the samples.
        classes: Dict of the names of all classes, `"semantic"`, and of the
            things among them, `"classes"`, in the order of the category ids.
        category_ids: Int array (C,), the category id of each class of
            `semantic`.
        thing_classes: Int array, the class of `semantic` of each class of
            `classes`.
        findings: Dict from kind of finding to the list of its places.

    A sample has the fields `image` (H, W, 3) uint8, `file`, `semantic` (H, W)
    int32, -1 where nothing is said; `panoptic` (H, W) int32, class of
    `semantic` times 1000 plus the number of the object, from 1; it is 0 for
    stuff and for crowds, and -1 where nothing is said; of the things `boxes`
    (M, 4), `classes` (M,) and `crowd` (M,), with `masks` also `masks`
    (M, H, W) uint8. An image without a map has None in all of them.

    Raises:
        ValueError: If a file is missing or malformed, or a sample is damaged.

    Example:

    >>> coco = CocoPanoptic(  # doctest: +SKIP
    ...     "coco/val2017", "coco/annotations/panoptic_val2017.json",
    ...     "coco/panoptic_val2017",
    ... )
    >>> np.unique(coco[0]["panoptic"] // 1000).tolist()  # doctest: +SKIP
    [0, 17, 118]

    Reference:
        Kirillov et al., "Panoptic Segmentation", 2019.
    """

    known_fields = ("boxes", "classes", "crowd")

    def __init__(
        self,
        images,
        annotations,
        maps,
        *,
        masks=False,
        on_error="raise",
        verify=False,
        follow_links=False,
    ):
        super().__init__(
            images, on_error=on_error, verify=verify, follow_links=follow_links
        )
        self.annotations = pathlib.Path(annotations)
        self.maps = existing_folder(maps)
        self.masks = masks
        content = coco_json.read_json(
            annotations, ["images", "annotations", "categories"]
        )
        self._number_classes(coco_json.categories_of(content, annotations))
        entries = coco_json.entries_of(content, annotations, self.findings)
        coco_json.note_unlisted(
            images_inside(self.images, self.findings), entries, self.findings
        )
        self._open(entries)

    def _number_classes(self, categories):
        things = [k for k, c in enumerate(categories) if c.get("isthing")]
        names = [category["name"] for category in categories]
        self.classes = {
            "semantic": names,
            "classes": [names[number] for number in things],
        }
        self.category_ids = np.array([c["id"] for c in categories])
        self.thing_classes = np.array(things, "int32")
        self._numbers = {c["id"]: k for k, c in enumerate(categories)}
        self._thing_numbers = {number: k for k, number in enumerate(things)}

    def _look_at(self, file, entry, note):
        shape = self._look_at_image(file, note)
        coco_json.note_size(entry, shape, note)
        if not entry["annotations"]:
            note("no panoptic map")
            return {"map": None}
        if len(entry["annotations"]) > 1:
            raise ValueError("it has more than one annotation")
        record = self._read_segments(entry["annotations"][0])
        check_map_size(record["map"], shape)
        note_box_faults(record["boxes"], shape, note)
        if self.verify:
            _note_empty_segments(record, note)
        return record

    def _read_segments(self, annotation):
        """What is known of a map: its path, and of the S segments `ids`,
        `semantic` and `panoptic` numbers; of the M things `things`, their
        places among the segments, `boxes`, `classes` and `crowd`.
        """
        name = annotation.get("file_name") or ""
        name = checked_name("its annotation", name)
        segments = sorted(
            annotation.get("segments_info") or (), key=lambda s: s.get("id", 0)
        )
        semantic = coco_json.classes_of(segments, self._numbers)
        crowd = coco_json.crowd_of(segments)
        is_thing = np.isin(semantic, self.thing_classes)
        things = [segments[row] for row in is_thing.nonzero()[0]]
        classes = [self._thing_numbers[k] for k in semantic[is_thing].tolist()]
        return {
            "map": inside(self.maps, name, follow_links=self.follow_links),
            "ids": _ids(segments),
            "semantic": semantic,
            "panoptic": _number_instances(semantic, is_thing & (crowd == 0)),
            "things": is_thing.nonzero()[0],
            "boxes": coco_json.boxes_of(things),
            "classes": np.array(classes, "int32"),
            "crowd": crowd[is_thing],
        }

    def _labels(self, file, record, shape):
        names = ["semantic", "panoptic", "boxes", "classes", "crowd"]
        if self.masks:
            names.append("masks")
        if record["map"] is None:
            return dict.fromkeys(names)
        labels = {name: record[name] for name in names[2:5]}
        places = _read_places(record)
        for name in ("semantic", "panoptic"):
            # The last place is that of void.
            labels[name] = np.append(record[name], np.int32(VOID))[places]
        if self.masks:
            things = record["things"][:, None, None]
            labels["masks"] = empty_masks(len(things), shape)
            np.equal(places, things, out=labels["masks"], casting="unsafe")
        return labels


def _ids(segments):
    ids = [segment.get("id") for segment in segments]
    if len(set(ids)) < len(ids) or not all(isinstance(k, int) for k in ids):
        raise ValueError(f"expected segments of different ids, received {ids}")
    if ids and ids[0] <= 0:
        raise ValueError(f"a segment has the id {ids[0]}; 0 is void")
    return np.array(ids, "int64")


def _number_instances(semantic, counted):
    """Class times 1000, plus a number from 1 for each counted segment."""
    numbers = np.zeros_like(semantic)
    for number in np.unique(semantic[counted]):
        rows = np.flatnonzero(counted & (semantic == number))
        numbers[rows] = np.arange(1, len(rows) + 1)
    if numbers.max(initial=0) >= INSTANCES:
        raise ValueError(f"it has {INSTANCES} objects of a class, or more")
    return semantic * INSTANCES + numbers


def _read_places(record):
    """Which of S segments each pixel (H, W) belongs to; S where to none."""
    colours = image_files.read_image(record["map"]).astype("int32")
    found = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
    ids = np.append(record["ids"], 0)
    order = np.argsort(ids)
    places = np.searchsorted(ids, found, sorter=order)
    places = order[np.minimum(places, len(order) - 1)]
    strange = found[ids[places] != found]
    if strange.size:
        raise ValueError(
            f"{record['map']}: {strange.size} pixels belong to the segments "
            f"{np.unique(strange)[:5]}, which the JSON does not list."
        )
    return places


def _note_empty_segments(record, note):
    sizes = np.bincount(
        _read_places(record).ravel(), minlength=len(record["ids"])
    )
    for number, size in zip(record["ids"].tolist(), sizes.tolist()):
        if size == 0:
            note("segment without a pixel", f" (id {number})")
