"""Checks of the shapes of fields before they are drawn."""

import numpy as np

from mtvision.plotting.field_kinds import OBJECT_WORDS, sibling

POINTS = "(K, 2), (K, 3), (M, K, 2) or (M, K, 3)"
SHAPES = {
    "image": "(H, W, C) with 1, 3 or 4 channels",
    "boxes": "(M, 4)",
    "box": "(4,) or (K, 4)",
    "classes": "(M,)",
    "crowd": "(M,)",
    "difficult": "(M,)",
    "scores": "(M,)",
    "phrases": "(M, L), numbers of words",
    "proposals": "(R, 4)",
    "masks": "(M, H, W), of the size of the image",
    "keypoints": POINTS,
    "semantic": "(H, W), of the size of the image",
    "normals": "(H, W, 3), of the size of the image",
    "attributes": "(N,)",
    "identity": "one number",
    "count": "one number",
    "same": "one number",
    "label": "one number, or (K,)",
    "present": "one number, or (K,)",
}
SHAPES |= dict.fromkeys(
    ("mask", "panoptic", "depth", "map"), SHAPES["semantic"]
)


def check_shape(name, kind, value, image_shape):
    """Raises unless a field has the shape of its kind.

    Args:
        name: Name of the field.
        kind: What it shows, see `kind_of`.
        value: Its array.
        image_shape: Shape of the image, (H, W, ...).

    Raises:
        ValueError: If the shape is another.

    Example:

    >>> check_shape("boxes", "boxes", np.zeros((2, 4)), (8, 8, 3))
    """
    if kind not in SHAPES or _fits(kind, np.shape(value), image_shape[:2]):
        return
    size = f" {image_shape[0]} x {image_shape[1]}"
    sized = "size of the image" in SHAPES[kind]
    raise ValueError(
        f"Field {name!r}: expected the shape {SHAPES[kind]}"
        f"{size if sized else ''}, received {np.shape(value)}. If the name "
        "misleads, say what it holds: show(..., fields={task: field})."
    )


def _fits(kind, shape, size):
    rank, last = len(shape), shape[-1] if shape else None
    if kind == "image":
        return rank == 3 and last in (1, 3, 4) and 0 not in shape
    if kind in ("boxes", "box", "proposals"):
        return last == 4 and rank in ((1, 2) if kind == "box" else (2,))
    if kind == "phrases":
        return rank == 2
    if kind == "keypoints":
        return rank in (2, 3) and last in (2, 3)
    if kind == "masks":
        return rank == 3 and shape[1:] == tuple(size)
    if kind == "normals":
        return shape == (*size, 3)
    if kind in ("label", "present"):
        return rank <= 1
    if kind in ("identity", "count", "same"):
        return shape in ((), (1,))
    if kind in ("attributes", *OBJECT_WORDS):
        return rank == 1
    return shape == tuple(size)


def check_rows(sample, name):
    """Raises unless fields with a row for each object have as many rows.

    Args:
        sample: Dict of fields.
        name: One of them with a row for each object, such as `cat_boxes`.

    Raises:
        ValueError: If they differ.

    Example:

    >>> check_rows({"boxes": np.zeros((2, 4)), "classes": [1, 2]}, "boxes")
    """
    others = (sibling(name, word) for word in OBJECT_WORDS)
    rows = {k: len(sample[k]) for k in others if sample.get(k) is not None}
    if len(set(rows.values())) > 1:
        raise ValueError(
            f"Expected one row for each object in every field, received {rows}."
        )
