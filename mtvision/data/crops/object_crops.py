"""A source with one sample for each object of another."""

import numpy as np

from mtvision.data import fields
from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.warp_sample import warp_sample
from mtvision.data.crops.squares import free_square, square_around
from mtvision.data.subset import refuse_mixture
from mtvision.data.wrapped_source import OF_KEYPOINTS, WrappedSource
from mtvision.ops.box_faults import box_faults
from mtvision.ops.option_checks import require_count, require_not_negative

# What a field with a row for each object is called where there is one object.
NAMES = {"boxes": "box", "classes": "label", "masks": "mask"}
# Images that are tried for a background before it is said that there is none.
MOST = 100


class ObjectCrops(WrappedSource):
    """A source of squares around the objects of a source, one a sample.

    So models of one object learn from images of several. A square is as wide
    as the longer side of the box and its margins; what of it lies beyond the
    image is black. Objects that mark a crowd, and boxes without area, are left
    out. An image is read once for each of its objects: wrap the source in
    `Cached` if it fits into memory.

    A sample has the fields `image` (H, H, C), `present` () float32, 1, and
    those of the object: `box` (4,), and, if the source has them, `keypoints`
    (K, 3), `label` (its class), `mask` (H, H) of 0 and 1, -1 beyond the image,
    `area` and others with a row for each object under their own names; and
    `file`. Key points outside of the square are not labelled. What the source
    tells of the whole image is not passed on.

    A background has `present` 0, a box, key points and a mask of zeros, but
    NaN as key points without visibility; nothing else is known of it.

    Args:
        source: Any source of samples with an `image` and boxes. If it has no
            `column`, all samples are read once to count their objects.
        margin: By which share of the longer side of the box the square is
            wider on each side.
        backgrounds: Number of squares for each image that touch no object, at
            random places, after all objects. Where an image has no room for
            one, another image is taken.
        min_keypoints: Number of labelled key points that an object must have.
        boxes: Name of the field of boxes. Fields that share what comes before
            its last word belong to its objects, and keep that.
        seed: Whole number, which decides where backgrounds are.

    Attributes:
        objects: Int array (N, 2), number of the sample in `source` and row of
            the object, -1 of backgrounds.

    Whatever the source has of `classes`, `keypoint_names`, `flip_pairs`,
    `skeleton`, `files` and `path`, this has too.

    Raises:
        ValueError: If an option is out of range, or there is no object; when
            a sample is read, if no image has room for a background.

    Example:

    >>> source = [{
    ...     "image": np.ones((20, 30, 3), "uint8"),
    ...     "boxes": np.array([[10, 5, 18, 9]], "float32"),
    ...     "classes": np.array([2]),
    ... }]
    >>> sample = ObjectCrops(source)[0]
    >>> sample["image"].shape, sample["box"].tolist(), int(sample["label"])
    ((12, 12, 3), [2.0, 4.0, 10.0, 8.0], 2)
    """

    forwarded = OF_KEYPOINTS

    def __init__(
        self,
        source,
        *,
        margin=0.25,
        backgrounds=0,
        min_keypoints=0,
        boxes="boxes",
        seed=0,
    ):
        refuse_mixture(source, "cut objects out of")
        require_not_negative(margin, "margin")
        require_count(backgrounds, 0, "backgrounds")
        require_count(min_keypoints, 0, "min_keypoints")
        require_count(seed, 0, "seed")
        if fields.last_word(boxes) != "boxes":
            raise ValueError(
                "Expected boxes as a name with the last word 'boxes', "
                f"received {boxes!r}."
            )
        super().__init__(source)
        self.margin = margin
        self.backgrounds = backgrounds
        self.min_keypoints = min_keypoints
        self.boxes = boxes
        self.seed = seed
        self.objects = self._find()

    def __len__(self):
        return len(self.objects)

    def __getitem__(self, index):
        row, number = (int(k) for k in self.objects[index])
        if number < 0:
            return self._background(row, index)
        sample = self.source[row]
        found = {"image": sample["image"], self._name("present"): np.float32(1)}
        for name, value in self._object_fields(sample):
            word = fields.last_word(name)
            one = np.asarray(value)[number]
            if word in ("classes", "masks"):
                one = one.astype("int32")
            found[self._name(NAMES.get(word, word))] = one
        square = square_around(found[self._name("box")], self.margin)
        return _cut(found | _file_of(sample), square)

    # Properties, so that these are there only where the source has them.

    @property
    def classes(self):
        """Dict from field to its list of class names."""
        names = self.source.classes.get(self._name("classes"))
        return {} if names is None else {self._name("label"): names}

    @property
    def files(self):
        """List of the files that the samples are cut out of."""
        files = self.source.files
        return [files[row] for row in self.objects[:, 0]]

    @property
    def path(self):
        """Function from the number of a sample to the path of its image."""
        path = self.source.path
        return lambda index: path(int(self.objects[index, 0]))

    def _name(self, word):
        return fields.sibling(self.boxes, word)

    def _object_fields(self, sample):
        """Names and values of the fields with a row for each object."""
        for name, value in sample.items():
            if value is None or name == self._name("crowd"):
                continue
            is_sibling = name == self._name(fields.last_word(name))
            if is_sibling and fields.is_object_field(name, np.ndim(value)):
                yield name, value

    def _find(self):
        words = ("boxes", "classes", "crowd", "keypoints")
        names = [self._name(word) for word in words]
        records = list(_records(self.source, names))
        found = [
            (row, number)
            for row, record in enumerate(records)
            for number in self._usable(*(record.get(name) for name in names))
        ]
        if not found:
            raise ValueError(
                f"No sample of the source has an object in {self.boxes!r} "
                f"that can be cut out. Sample 0 has {sorted(self.source[0])}."
            )
        empty = [
            (row, -1)
            for row in range(len(records))
            for _ in range(self.backgrounds)
        ]
        return np.array(found + empty, "int64")

    def _usable(self, boxes, classes, crowd, keypoints):
        """Rows of the objects that can be cut out."""
        if boxes is None:
            return ()
        boxes = np.reshape(boxes, (-1, 4))
        usable = ~np.any(list(box_faults(boxes, None).values()), axis=0)
        # Padding has class -1.
        usable &= True if classes is None else np.asarray(classes) >= 0
        usable &= True if crowd is None else np.asarray(crowd) != 1
        if self.min_keypoints:
            number = np.zeros(len(boxes))
            if keypoints is not None:
                number = _labelled(np.asarray(keypoints)).sum(axis=-1)
            usable &= number >= self.min_keypoints
        return np.flatnonzero(usable)

    def _background(self, row, index):
        rng = np.random.default_rng([self.seed, index])
        for step in range(min(len(self.source), MOST)):
            sample = self.source[(row + step) % len(self.source)]
            boxes = sample.get(self.boxes)
            if boxes is None:
                # Nobody has looked for objects there.
                continue
            square = free_square(np.shape(sample["image"]), boxes, rng)
            if square is not None:
                break
        else:
            raise ValueError(
                "Found no room for a background in any image that was looked "
                "at: objects fill them. Pass backgrounds=0."
            )
        found = {"image": sample["image"]}
        side = square[-1]
        empty = {"present": np.float32(0), "box": np.zeros(4, "float32")}
        for name, value in self._object_fields(sample):
            if fields.last_word(name) == "keypoints":
                shape = np.shape(value)[1:]
                none = 0 if shape[-1] == 3 else np.nan
                empty["keypoints"] = np.full(shape, none, "float32")
            if fields.last_word(name) == "masks":
                empty["mask"] = np.zeros((side, side), "int32")
        found = _cut(found | _file_of(sample), square)
        return found | {self._name(word): x for word, x in empty.items()}


def _cut(sample, square):
    left, top, side = square
    matrix = matrices.translate(-left, -top)
    return warp_sample(sample, matrix, (side, side), min_visible=0)


def _labelled(keypoints):
    """Which key points are labelled, (M, K): by their visibility, if any."""
    if keypoints.shape[-1] == 3:
        return keypoints[..., 2] > 0
    marked = (keypoints == -1).all(axis=-1)
    return np.isfinite(keypoints).all(axis=-1) & ~marked


def _file_of(sample):
    return {"file": sample["file"]} if "file" in sample else {}


def _records(source, names):
    """Fields of all samples, without reading images if there are columns."""
    columns = {}
    for name in names:
        try:
            columns[name] = source.column(name)
        # A source may have other columns only, or none.
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    if names[0] in columns:
        for row in zip(*columns.values()):
            yield dict(zip(columns, row))
        return
    for index in range(len(source)):
        sample = source[index]
        yield {name: sample.get(name) for name in names}
