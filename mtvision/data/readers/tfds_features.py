"""Which feature of a tfds data set fills which field, and how it is read."""

import dataclasses
import io

import numpy as np
import tensorflow_datasets as tfds

from mtvision.data.readers import images as image_files

# The types of the standard fields.
DTYPES = {
    "image": "uint8",
    "boxes": "float32",
    "classes": "int32",
    "masks": "uint8",
    "semantic": "int32",
    "keypoints": "float32",
    "depth": "float32",
    "count": "int32",
    "label": "int32",
    "present": "float32",
    "box": "float32",
    "mask": "uint8",
    "phrases": "int32",
}
# What tfds calls the members of a sequence of objects.
OBJECT_NAMES = {
    "label": "classes",
    "is_difficult": "difficult",
    "is_crowd": "crowd",
}


@dataclasses.dataclass(frozen=True)
class Leaf:
    """One feature that holds data.

    Args:
        path: Tuple of names that leads to it.
        feature: The tfds feature; of a sequence, that of its elements.
        in_sequence: Whether it has one value for each element of a sequence.
    """

    path: tuple
    feature: object
    in_sequence: bool

    @property
    def name(self):
        """The path in one word, such as `"objects/bbox"`."""
        return "/".join(self.path)

    @property
    def is_encoded(self):
        """Whether examples hold it as the bytes of an image file."""
        return self.is_a(tfds.features.Image) and not self.in_sequence

    def is_a(self, kind):
        """Whether the feature is an instance of a tfds class."""
        return isinstance(self.feature, kind)


def leaves(features):
    """Lists the features that hold data.

    Args:
        features: A `tfds.features.FeaturesDict`.

    Returns:
        List of `Leaf`.

    Example:

    >>> boxes = tfds.features.Sequence({"bbox": tfds.features.BBoxFeature()})
    >>> [leaf.name for leaf in leaves({"objects": boxes})]
    ['objects/bbox']
    """
    return list(_walk(features, (), False))


def _walk(feature, path, in_sequence):
    if isinstance(feature, (tfds.features.FeaturesDict, dict)):
        for name, member in feature.items():
            yield from _walk(member, (*path, name), in_sequence)
    elif isinstance(feature, tfds.features.Sequence):
        yield from _walk(feature.feature, path, True)
    else:
        yield Leaf(path, feature, in_sequence)


def default_fields(found):
    """Names the field that each feature fills.

    Args:
        found: List of `Leaf`.

    Returns:
        Dict from field to the name of a feature. A feature whose use is not
        plain from its type keeps its own name.

    Example:

    >>> found = leaves({"head": tfds.features.BBoxFeature()})
    >>> default_fields(found)
    {'box': 'head'}
    """
    sequences = {
        leaf.path[:-1]
        for leaf in found
        if leaf.in_sequence and leaf.is_a(tfds.features.BBoxFeature)
    }
    names = {leaf.name for leaf in found}
    fields = {}
    for leaf in found:
        field = _standard_name(leaf, sequences)
        # The feature that bears a name itself, or the first one, has it.
        taken = field in fields or (field != leaf.name and field in names)
        fields[leaf.name if taken else field] = leaf.name
    return fields


def _standard_name(leaf, sequences):
    if leaf.name in DTYPES:
        return leaf.name
    last = leaf.path[-1]
    if leaf.in_sequence:
        if leaf.is_a(tfds.features.BBoxFeature):
            return "boxes"
        inside = len(leaf.path) > 1 and leaf.path[:-1] in sequences
        return OBJECT_NAMES.get(last, leaf.name) if inside else leaf.name
    if leaf.is_a(tfds.features.BBoxFeature):
        return "box"
    if leaf.is_a(tfds.features.LabeledImage) or (
        leaf.is_encoded and "segmentation" in last
    ):
        return "semantic"
    if leaf.is_a(tfds.features.Text) and last.endswith(
        ("filename", "file_name")
    ):
        return "file"
    return leaf.name


def read(leaf, field, value, image_size):
    """Turns the value of a feature into that of a field.

    Args:
        leaf: The `Leaf`.
        field: Name of the field it fills.
        value: What tfds gives for it; images as the bytes of a file.
        image_size: (height, width) of the image in pixels, for boxes.

    Returns:
        Numpy array, or str.

    Example:

    >>> leaf = Leaf(("box",), tfds.features.BBoxFeature(), False)
    >>> read(leaf, "box", [0.0, 0.5, 0.5, 1.0], (32, 64)).tolist()
    [32.0, 0.0, 64.0, 16.0]
    """
    if leaf.feature.np_dtype == np.object_:
        return _text(value)
    if leaf.is_a(tfds.features.BBoxFeature):
        return _pixels(leaf, value, image_size)
    if leaf.is_encoded:
        value = _picture(leaf.feature, value)
        value = _colour(value) if field == "image" else _plain(value)
    is_class = leaf.is_a(tfds.features.ClassLabel)
    own = "int32" if is_class else leaf.feature.np_dtype
    return np.asarray(value, DTYPES.get(field, own))


def picture_size(data):
    """(height, width) in pixels of an image: bytes of a file, or an array."""
    if isinstance(data, np.ndarray):
        return data.shape[:2]
    with image_files.opened(io.BytesIO(data)) as picture:
        return picture.size[::-1]


def _text(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, str):
        return value
    return np.array([_text(element) for element in value], "str")


def _pixels(leaf, value, image_size):
    """Shares of the image, as tfds keeps them, to xyxy pixels."""
    kind = getattr(leaf.feature.bbox_format, "name", None)
    if kind != "REL_YXYX":
        raise ValueError(
            f"Expected boxes as REL_YXYX, received feature {leaf.name!r} of "
            f"format {kind}. Leave it out with `fields`."
        )
    height, width = image_size
    scale = np.array([width, height, width, height], "float32")
    boxes = np.asarray(value, "float32").reshape((-1, 4))
    boxes = boxes[:, [1, 0, 3, 2]] * scale
    return boxes if leaf.in_sequence else boxes[0]


def _picture(feature, data):
    """The pixels (H, W, C) of an image: bytes of a file, or an array."""
    if isinstance(data, np.ndarray):
        return data
    with image_files.opened(io.BytesIO(data)) as picture:
        if feature.shape[-1] == 3 and feature.np_dtype == np.uint8:
            picture = picture.convert("RGB")
        pixels = np.asarray(picture)
    if feature.np_dtype == np.float32:
        # tfds keeps each float as the four bytes of a pixel.
        pixels = pixels.view("float32")
    return pixels.reshape((*pixels.shape[:2], -1))


def _colour(pixels):
    if pixels.shape[-1] < 3:
        return np.repeat(pixels[..., :1], 3, axis=-1)
    return pixels[..., :3]


def _plain(pixels):
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels
