"""Samples as a batch needs them: selected, checked, mended, resized."""

import collections.abc
import threading

import numpy as np

from mtvision.data import checks, fields, resizing
from mtvision.data.augmentation.moved_objects import NO_PIXEL
from mtvision.ops.box_faults import box_faults

PARTLY_OUTSIDE = "partly outside of the image"


class Prepared:
    """A source whose samples are checked, mended and resized when read.

    Args:
        source: Any object with `len(source)` and `source[i]`, a dict of numpy
            fields.
        readers: Dict from each field to keep to what reads it, for error
            messages: `{"label": "task 'digit'"}`.
        image_size: (height, width), or None to keep sizes.
        resize: `"stretch"` or `"letterbox"`.
        invalid_boxes: `"raise"`, `"drop"` or `"clip"`, see `Batches`.
        num_classes: Dict from field to number of classes.
        partial: Set of the fields in which some of the floats may be NaN.
        optional: Names of the inputs that a sample may lack.

    Example:

    >>> source = [{"image": np.zeros((8, 8, 3), "uint8"), "label": 3}]
    >>> samples = Prepared(source, {"image": "inputs"}, image_size=(4, 4))
    >>> samples[0]["image"].shape
    (4, 4, 3)
    """

    def __init__(
        self,
        source,
        readers,
        *,
        image_size=None,
        resize="stretch",
        invalid_boxes="raise",
        num_classes=None,
        partial=(),
        optional=(),
    ):
        self.source = source
        self.readers = readers
        self.image_size = image_size
        self.resize = resize
        self.invalid_boxes = invalid_boxes
        self.num_classes = num_classes or {}
        self.partial = partial
        self.optional = optional
        self._wanted = dict.fromkeys([*readers, *_companions(readers)])
        self._dropped = {}
        self._lock = threading.Lock()

    def __len__(self):
        return len(self.source)

    def __getitem__(self, index):
        """The image and the wanted fields of a sample, None where it lacks
        one, and its file if it has one.
        """
        raw = self.source[index]
        if not isinstance(raw, collections.abc.Mapping):
            raise ValueError(
                f"sample {index}: expected a dict from field to array, "
                f"received {type(raw).__name__}."
            )
        place = where(raw, index)
        image = self._read(raw, "image", None, place)
        sample = {"image": image}
        for name in self._wanted:
            if name != "image":
                sample[name] = self._read(raw, name, image, place)
        if image is not None:
            self._mend(sample, index, place)
        if self.image_size is not None:
            small = resizing.resize_sample(
                sample, self.image_size, method=self.resize
            )
            self._drop_vanished(sample, small, index)
            sample = small
        kept = {name: sample[name] for name in ("image", *self.readers)}
        return kept | ({"file": raw["file"]} if "file" in raw else {})

    @property
    def dropped(self):
        """Counter of the objects dropped, cut off or clipped, by reason. A
        sample counts once, however often it is read.
        """
        with self._lock:
            return sum(self._dropped.values(), collections.Counter())

    def count(self, index, reasons):
        """Notes what was dropped of a sample, by reason."""
        with self._lock:
            known = self._dropped.get(index, collections.Counter())
            self._dropped[index] = known | collections.Counter(reasons)

    def __getstate__(self):
        return self.__dict__ | {"_lock": None}

    def __setstate__(self, state):
        self.__dict__ = state | {"_lock": threading.Lock()}

    def _read(self, raw, name, image, place):
        """A field as a checked array, None where it is missing."""
        value = raw.get(name)
        if value is None:
            return None
        value = np.asarray(value)
        try:
            # Strings are refused by the check, and are never "missing".
            is_number = value.dtype.kind in "buif"
            is_image = fields.is_image_field(name)
            may_be_missing = is_number and (
                not is_image or name in self.optional
            )
            if may_be_missing and _is_not_given(name, value):
                return None
            if is_image:
                checks.check_image(value)
                return value
            return self._checked(name, value, image)
        except ValueError as error:
            reader = self.readers.get(name)
            task = f"{reader}, " if reader else ""
            raise ValueError(
                f"{task}field {name!r}, {place}: {error}"
            ) from None

    def _checked(self, name, value, image):
        if image is None and "image" in self.optional:
            checks.check_needs_no_image(name)
        if fields.is_box_field(name):
            # Faults of boxes are mended, so they are judged later.
            checks.check_boxes_shape(value)
            return value.astype("float32")
        checks.check_label(
            value,
            partial=name in self.partial or fields.is_area_field(name, value),
            num_classes=self.num_classes.get(name),
        )
        if image is not None:
            checks.check_size(name, value, image.shape)
        return value

    def _mend(self, sample, index, place):
        for name in list(sample):
            if not fields.is_box_field(name) or sample[name] is None:
                continue
            if fields.last_word(name) == "boxes":
                _strip_padding(sample, name, place)
                _know_areas(sample, name)
            boxes = sample[name].reshape(-1, 4)
            faults = box_faults(boxes, sample["image"].shape)
            stated = _stated_boxes(sample, name)
            faults = {k: fault & stated for k, fault in faults.items()}
            if any(fault.any() for fault in faults.values()):
                self._judge(sample, name, faults, index, place)

    def _drop_vanished(self, before, sample, index):
        """Drops and counts objects of whose masks no pixel is left."""
        for name in list(sample):
            masks = sample[name]
            if fields.last_word(name) != "masks" or masks is None:
                continue
            axes = tuple(range(1, masks.ndim))
            vanished = before[name].any(axis=axes) & ~masks.any(axis=axes)
            if vanished.any():
                self.count(index, {NO_PIXEL: int(vanished.sum())})
                for other in _object_fields(sample, name):
                    sample[other] = sample[other][~vanished]

    def _judge(self, sample, name, faults, index, place):
        """Raises for faulty boxes, or drops or clips and counts them."""
        reasons = {k: int(v.sum()) for k, v in faults.items() if v.any()}
        if self.invalid_boxes == "raise":
            reason = next(iter(reasons))
            row = int(np.flatnonzero(faults[reason])[0])
            box = sample[name].reshape(-1, 4)[row].tolist()
            raise ValueError(
                f"{self.readers.get(name, 'labels')}, field {name!r}, {place}: "
                f"box {row} is {reason}: {box} (x1, y1, x2, y2) in an image of "
                f"{sample['image'].shape[0]} x {sample['image'].shape[1]} "
                "(height x width). Correct it, or pass invalid_boxes='drop' "
                "or 'clip'."
            )
        lost = np.any(list(faults.values()), axis=0)
        if self.invalid_boxes == "clip":
            lost = lost & ~faults[PARTLY_OUTSIDE]
            sample[name] = checks.clip_boxes(
                sample[name], sample["image"].shape
            )
        self.count(index, reasons)
        _drop(sample, name, lost)


def where(sample, index):
    """Names a sample, for messages: its index and its file."""
    file = sample.get("file")
    return f"sample {index}" + (f" ({file})" if file is not None else "")


def _companions(names):
    """The fields without which others cannot be judged."""
    found = set()
    for name in names:
        word = fields.last_word(name)
        if word in fields.OBJECT_AXES:
            found |= {fields.sibling(name, k) for k in ("boxes", "classes")}
        if word == "box":
            found.add(fields.sibling(name, "present"))
    return found


def _is_not_given(name, value):
    # A list of objects is missing only as a whole; -1 in it is padding.
    if fields.is_object_field(name, value.ndim):
        return False
    return fields.is_missing(value)


def _object_fields(sample, name):
    """The fields that have a row for each row of the boxes `name`."""
    return [
        other
        for other in (fields.sibling(name, k) for k in fields.OBJECT_AXES)
        if sample.get(other) is not None
        and fields.is_object_field(other, sample[other].ndim)
    ]


def _strip_padding(sample, name, place):
    """Removes the rows of class -1, and compares lengths."""
    names = _object_fields(sample, name)
    lengths = {other: len(sample[other]) for other in names}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"{place}: expected one row for each object in every field, "
            f"received {lengths}."
        )
    classes = sample.get(fields.sibling(name, "classes"))
    if classes is not None and (classes < 0).any():
        for other in names:
            sample[other] = sample[other][classes >= 0]


def _know_areas(sample, name):
    """Takes areas that are not known from the boxes `name`, as one NaN in
    the truth of a task would pass for a missing label.
    """
    area = fields.sibling(name, "area")
    value = sample.get(area)
    if value is None or not fields.is_area_field(area, value):
        return
    sides = sample[name][:, 2:] - sample[name][:, :2]
    known = np.where(np.isnan(value), sides.prod(axis=-1), value)
    sample[area] = known.astype("float32")


def _stated_boxes(sample, name):
    """Which boxes (M,) claim to be somewhere: those of a `box` field may be
    NaN, or belong to an object that is not present, or not known to be.
    """
    if fields.last_word(name) == "boxes":
        return np.ones(len(sample[name]), "bool")
    stated = ~np.isnan(sample[name].reshape(-1, 4)).all(axis=-1)
    present = sample.get(fields.sibling(name, "present"))
    if present is not None:
        stated &= np.reshape(present, -1) > 0
    return stated


def _drop(sample, name, lost):
    if not lost.any():
        return
    if fields.last_word(name) == "boxes":
        for other in _object_fields(sample, name):
            sample[other] = sample[other][~lost]
        return
    # Whether and where the object is, is not known any more.
    for other in (name, fields.sibling(name, "present")):
        if sample.get(other) is not None:
            shape = sample[other].shape
            value = sample[other].reshape(len(lost), -1).astype("float32")
            value[lost] = np.nan
            sample[other] = None if lost.all() else value.reshape(shape)
