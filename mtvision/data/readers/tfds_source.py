"""Any tfds data set as a source of samples."""

import collections.abc
import operator
import warnings

import numpy as np
import tensorflow_datasets as tfds

from mtvision.data.readers import tfds_features
from mtvision.data.readers.findings import Findings


def from_tfds(builder, split, *, fields=None, data_dir=None, download=False):
    """Reads a split of a tfds data set as a source of samples.

    Args:
        builder: Name, such as `"voc/2007"`, or a `tfds.core.DatasetBuilder`.
        split: Name or slice, such as `"train"` or `"train[:80%]"`.
        fields: What a sample holds. A dict from field to feature, such as
            `{"image": "image", "boxes": "objects/bbox"}`; a feature of
            numbers only, such as CelebA's `"attributes"`, becomes one float32
            vector. Or names of some of the default fields. By default all: an
            image becomes `image`, a sequence of boxes `boxes` with `classes`
            (and `difficult`, `crowd`), a single box `box`, a class map
            `semantic`, a file name `file`; others keep their names, with the
            path to them: `"objects/pose"`.
        data_dir: Folder of tfds' data sets; by default that of tfds.
        download: Whether to download and prepare the data set if need be.

    Returns:
        A `TfdsSource`. Data prepared as ArrayRecord stay on disk and load no
        TensorFlow; others are held in memory, with images as files.

    Raises:
        ValueError: If the split, a field or a feature does not exist, or the
            data set has not been prepared.

    Example:

    >>> with tfds.testing.mock_data(num_examples=3):
    ...     source = from_tfds("voc/2007", "train", fields=["image", "file"])
    >>> len(source), sorted(source[0])
    (3, ['file', 'image'])
    """
    if isinstance(builder, str):
        builder = tfds.builder(builder, data_dir=data_dir)
    if download:
        builder.download_and_prepare()
    _check_split(builder, split)
    found = tfds_features.leaves(builder.info.features)
    return TfdsSource(builder, split, _choose(found, fields))


class TfdsSource:
    """Random access to the samples of a split; made by `from_tfds`.

    Args:
        builder: A prepared `tfds.core.DatasetBuilder`.
        split: Name or slice.
        fields: Dict from field to the `Leaf` it is read from, or to a list of
            them that become one vector.

    Attributes:
        classes: Dict from field to its list of class names, or of the names
            of the numbers in a vector.
        findings: `Findings`, dict from kind of finding to the list of its
            places; empty, as tfds has read all files before.

    Example:

    >>> with tfds.testing.mock_data(num_examples=3):
    ...     source = mtv.data.from_tfds("mnist", "train")
    >>> isinstance(source, TfdsSource), len(source), source.classes["label"][9]
    (True, 3, '9')
    """

    def __init__(self, builder, split, fields):
        self.name = f"{builder.info.full_name} {split}"
        self.fields = fields
        self.classes = _class_names(fields)
        self.findings = Findings()
        self._image = _image_leaf(builder, fields)
        needed = _flat(fields) + ([self._image] if self._image else [])
        self._examples = _examples(builder, split, needed)

    def __len__(self):
        return len(self._examples)

    def __getitem__(self, index):
        """The sample at a place: a dict of numpy fields."""
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(
                f"{self.name} has {len(self)} samples, not {index}."
            )
        index %= len(self)
        try:
            return self._even(self._read(self._examples[index]), index)
        # Decoders raise errors of every kind on damaged files.
        except Exception as error:
            raise ValueError(
                f"Sample {index} of {self.name} cannot be read ({error}). "
                "Prepare the data set anew, or leave the sample out."
            ) from error

    def report(self):
        """How many samples there are, and of what, as text to print."""
        return f"{len(self)} samples of {self.name}"

    def _read(self, example):
        size = None
        if self._image:
            size = tfds_features.picture_size(_get(example, self._image.path))

        def value(field, chosen):
            if isinstance(chosen, list):
                return np.float32([value(field, leaf) for leaf in chosen])
            data = _get(example, chosen.path)
            return tfds_features.read(chosen, field, data, size)

        return {name: value(name, leaf) for name, leaf in self.fields.items()}

    def _even(self, sample, index):
        """Cuts fields of one sequence to one length, with a warning.

        Only mocked data have different lengths: tfds refuses to write such.
        """
        sequences = {}
        for field, leaf in self.fields.items():
            if not isinstance(leaf, list) and leaf.in_sequence:
                sequences.setdefault(leaf.path[:-1], []).append(field)
        # Sequences at the top have nothing in common.
        sequences.pop((), None)
        for path, members in sequences.items():
            lengths = {field: len(sample[field]) for field in members}
            shortest = min(lengths.values())
            if shortest < max(lengths.values()):
                warnings.warn(
                    f"Sample {index} of {self.name}: {'/'.join(path)} has "
                    f"fields of different lengths, {lengths}. Only the first "
                    f"{shortest} are kept.",
                    stacklevel=3,
                )
            for field in members:
                sample[field] = sample[field][:shortest]
        return sample


def _check_split(builder, split):
    # A mocked data set does not know its splits.
    if not builder.info.splits:
        return
    try:
        _ = builder.info.splits[split]
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"Expected a split of {builder.info.full_name}: "
            f"{sorted(builder.info.splits)} or a slice of one, received "
            f"{split!r}."
        ) from error


def _choose(found, fields):
    """Dict from field to the leaf, or the list of leaves, it is read from."""
    default = tfds_features.default_fields(found)
    if fields is None:
        fields = default
    elif not isinstance(fields, collections.abc.Mapping):
        _check_names(fields, default, "field")
        fields = {field: default[field] for field in fields}
    features = _groups(found) | {leaf.name: leaf for leaf in found}
    _check_names(fields.values(), features, "feature")
    return {field: features[name] for field, name in fields.items()}


def _groups(found):
    """Dict from the name of a dict of numbers to the list of its leaves."""
    groups = {}
    for leaf in found:
        if not leaf.in_sequence and leaf.feature.shape == ():
            for depth in range(1, len(leaf.path)):
                name = "/".join(leaf.path[:depth])
                groups.setdefault(name, []).append(leaf)
    return groups


def _class_names(fields):
    names = {}
    for field, chosen in fields.items():
        if isinstance(chosen, list):
            names[field] = [leaf.path[-1] for leaf in chosen]
        elif chosen.is_a(tfds.features.ClassLabel) and chosen.feature.names:
            names[field] = list(chosen.feature.names)
    return names


def _flat(fields):
    leaves = []
    for chosen in fields.values():
        leaves += chosen if isinstance(chosen, list) else [chosen]
    return leaves


def _check_names(received, known, kind):
    for name in received:
        if name not in known:
            raise ValueError(
                f"Expected a {kind} of {sorted(known)}, received {name!r}."
            )


def _image_leaf(builder, fields):
    """The image whose size boxes are shares of; None if there is no box."""
    if not any(leaf.is_a(tfds.features.BBoxFeature) for leaf in _flat(fields)):
        return None
    images = [
        leaf
        for leaf in tfds_features.leaves(builder.info.features)
        if leaf.is_encoded
    ]
    images.sort(key=lambda leaf: leaf.name != "image")
    if not images:
        raise ValueError(
            f"Boxes of {builder.info.full_name} are shares of an image, but it "
            "has no image. Leave them out with `fields`."
        )
    return images[0]


def _examples(builder, split, needed):
    """A sequence of examples that hold the needed features, images encoded."""
    skipped = [leaf for leaf in needed if leaf.is_encoded]
    decoders = _nest(skipped, lambda leaf: tfds.decode.SkipDecoding())
    if builder.info.file_format == tfds.core.FileFormat.ARRAY_RECORD:
        names = {leaf.path[0] for leaf in needed}
        return _Records(builder, split, names, decoders)
    partial = tfds.decode.PartialDecoding(
        _nest(needed, lambda leaf: True),
        # Mocked data, whose splits are not known, cannot be left encoded.
        decoders=decoders if builder.info.splits else None,
    )
    try:
        dataset = builder.as_dataset(split=split, decoders=partial)
    except AssertionError as error:
        raise ValueError(
            f"{builder.info.full_name} has not been prepared in "
            f"{builder.data_dir}. Pass download=True, or the right data_dir."
        ) from error
    try:
        return list(tfds.as_numpy(dataset))
    # TensorFlow has errors of its own for damaged files.
    except Exception as error:
        raise ValueError(
            f"The files of {builder.info.full_name} in {builder.data_dir} "
            f"cannot be read ({error}). Prepare the data set anew."
        ) from error


class _Records:
    """Examples on disk, of which only the named features are decoded."""

    def __init__(self, builder, split, names, decoders):
        self._records = builder.as_data_source(
            split, deserialize_method=tfds.decode.DeserializeMethod.RAW_BYTES
        )
        self._features = tfds.features.FeaturesDict(
            {name: builder.info.features[name] for name in sorted(names)}
        )
        self._decoders = decoders

    def __len__(self):
        return len(self._records)

    def __getitem__(self, index):
        return self._features.deserialize_example_np(
            self._records[index], decoders=self._decoders
        )


def _nest(leaves, value):
    """A dict of dicts, as deep as the paths of the leaves."""
    tree = {}
    for leaf in leaves:
        branch = tree
        for name in leaf.path[:-1]:
            branch = branch.setdefault(name, {})
        branch[leaf.path[-1]] = value(leaf)
    return tree


def _get(example, path):
    for name in path:
        example = example[name]
    return example
