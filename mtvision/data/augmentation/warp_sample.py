"""Moving the image of a sample, and every label that lies on it."""

import numpy as np

from mtvision.data import checks, fields
from mtvision.data.augmentation.moved_boxes import move_box
from mtvision.data.augmentation.moved_keypoints import move_keypoints
from mtvision.data.augmentation.moved_normals import turn_normals
from mtvision.data.augmentation.moved_objects import (
    move_objects,
    object_fields,
)
from mtvision.data.augmentation.warp_image import warp_image
from mtvision.data.augmentation.warp_map import source_pixels, warp_map
from mtvision.data.resizing import as_signed


def warp_sample(
    sample,
    matrix,
    size,
    *,
    fill=0,
    min_visible=0.1,
    min_side=0,
    flip_pairs=(),
    lost=None,
):
    """Moves the image of a sample and its labels along a matrix.

    The image is sampled bilinearly, maps and masks by the nearest pixel, boxes
    and key points move as points. The identity changes nothing but the types
    of integer maps.

    - Maps (`semantic`, `mask`, `depth`, and what has the height and width of
      the image): outside of the old image are -1 in integer maps, which become
      int32, and NaN in float maps. The vectors of `normals` turn along.
    - `masks`: 0 outside. An object whose mask had pixels and has none any more
      leaves, however large its box is.
    - `boxes`: the bounding box of the moved mask, if there are `masks` of the
      same prefix and the object has one, else of the moved corners, cut at the
      edges. Objects of which too little is left leave, with their rows of
      every field.
    - `area`: grows as the plane does, times the share of the object's mask, or
      without one of its box, that is in the new image.
    - `box` (4,) or (K, 4): as `boxes` by its corners; an object that left has
      a box of NaN, and its `present` is 0.
    - `keypoints`: 0, 0, 0 (not labelled) where they lie outside, and where
      they were not labelled; (K, 2) without visibility: NaN outside.
    - Images of another size than `image`, and everything else, stay.

    Args:
        sample: Dict of arrays with an `image` (H, W, C). Fields are recognised
            by the last word of their names. None stays None.
        matrix: (3, 3), from old to new pixel coordinates (x, y, 1); pixel
            centres are at half-integers.
        size: (height, width) of the result.
        fill: Value of the image where the old one does not reach, one number
            or one a channel.
        min_visible: Share of an object's area (of the pixels of its mask, or
            of its moved box) that must lie inside for it to stay.
        min_side: Pixels that the shorter side of its new box must have.
        flip_pairs: Pairs (left, right) of numbers of key points that change
            places when the matrix mirrors the image; or a dict from field to
            such pairs.
        lost: `collections.Counter` to which objects are added by reason that
            are gone because they became too small, or None.

    Returns:
        A new dict. The arrays of `sample` are not written to.

    Raises:
        ValueError: If a map or mask has not the size of the image.

    Example:

    >>> sample = {
    ...     "image": np.zeros((10, 20, 3), "uint8"),
    ...     "boxes": np.array([[1, 2, 5, 6]], "float32"),
    ... }
    >>> mirror = np.array([[-1, 0, 20], [0, 1, 0], [0, 0, 1]])
    >>> warp_sample(sample, mirror, (10, 20))["boxes"].tolist()
    [[15.0, 2.0, 19.0, 6.0]]
    """
    sample = {name: as_array(value) for name, value in sample.items()}
    shape = sample["image"].shape
    size = tuple(size)
    maps = [name for name in sample if lies_on_image(name, sample, shape)]
    if size == shape[:2] and np.array_equal(matrix, np.eye(3)):
        return sample | {name: as_signed(sample[name]) for name in maps}
    pixels = None
    if maps or any(fields.last_word(name) == "masks" for name in sample):
        pixels = source_pixels(matrix, shape[:2], size)
    moved = dict(sample)
    for name, value in sample.items():
        if value is None:
            continue
        word = fields.last_word(name)
        if word == "image" and value.shape[:2] == shape[:2]:
            moved[name] = warp_image(value, matrix, size, fill=fill)
        elif name in maps:
            outside = np.nan if value.dtype.kind == "f" else -1
            moved[name] = warp_map(value, pixels, outside)
            if word == "normals":
                moved[name] = turn_normals(moved[name], matrix)
        elif word == "keypoints":
            moved[name] = move_keypoints(
                name, value, matrix, size, flip_pairs=flip_pairs
            )
        elif word == "box":
            moved |= move_box(sample, name, matrix, size, min_visible)
    options = {"min_side": min_side, "lost": lost}
    for prefix in object_fields(sample):
        moved |= move_objects(
            moved, prefix, matrix, size, pixels, min_visible, **options
        )
    return moved


def as_array(value):
    """None and strings as they are, anything else as an array."""
    return (
        value if value is None or isinstance(value, str) else np.asarray(value)
    )


def lies_on_image(name, sample, shape):
    """Whether a field is a map of the size of the image.

    Args:
        name: Name of the field.
        sample: Dict of arrays.
        shape: Shape of the image.

    Raises:
        ValueError: If it should be by its name, and has another size.
    """
    value = sample[name]
    if value is None or isinstance(value, str):
        return False
    if fields.last_word(name) not in ("masks", *fields.MAP_WORDS):
        return fields.is_map(name, value, shape)
    try:
        checks.check_size(name, value, shape)
    except ValueError as error:
        if fields.is_missing(value):
            return False
        raise ValueError(f"field {name!r}: {error}") from None
    return fields.last_word(name) != "masks"
