"""Truth of detection: the objects of each image, in rows with padding.

A dict of `"boxes"` (B, M, 4), xyxy in pixels, and `"classes"` (B, M), class
numbers from 0, with -1 in rows of padding. It may also hold `"crowd"` and
`"difficult"` (B, M), 1 for rows that are neither objects to be found nor
background, and `"annotated"` (B, C), 0 for classes of which nothing is known
in that image: their absence from the boxes does not make them negatives.
"""

import collections

import numpy as np
from keras import ops

from mtvision.ops.boxes import box_area
from mtvision.ops.truth_checks import check_class_indices, first_sample

FIELDS = ("boxes", "classes")

Objects = collections.namedtuple(
    "Objects", "boxes classes present ignored annotated labelled"
)


def read_objects(y_true):
    """Takes a truth of objects apart.

    Args:
        y_true: Dict as above, of tensors of any number dtype.

    Returns:
        `Objects`, a named tuple of
        `boxes` (B, M, 4), float32, zeros in rows that hold no box;
        `classes` (B, M), int32, 0 in rows that are not `present`;
        `present` (B, M), bool: rows with an object that is to be found;
        `ignored` (B, M), bool: rows with a crowd or a difficult object;
        `annotated` (B, C), bool, or `None` if all classes are;
        `labelled` (B,), bool: false for samples whose truth was replaced by
        zeros because the label is missing.

    Raises:
        ValueError: If a field is missing or has another rank.

    Example:

    >>> truth = {"boxes": [[[0, 0, 4, 4], [0, 0, 0, 0]]], "classes": [[2, -1]]}
    >>> objects = read_objects(truth)
    >>> [bool(x) for x in objects.present[0]]
    [True, False]
    """
    require_objects(y_true)
    boxes = ops.cast(y_true["boxes"], "float32")
    classes = ops.cast(y_true["classes"], "int32")
    has_box = ops.logical_and(classes >= 0, box_area(boxes) > 0)
    ignored = ops.zeros_like(has_box)
    for field in ("crowd", "difficult"):
        if field in y_true:
            flag = ops.cast(y_true[field], "float32") > 0
            ignored = ops.logical_or(ignored, flag)
    present = ops.logical_and(has_box, ops.logical_not(ignored))
    annotated = y_true.get("annotated")
    if annotated is not None:
        annotated = ops.cast(annotated, "float32") > 0
    # A real truth has no box without area and class 0 in all of its rows.
    is_zero = ops.logical_and(classes == 0, ops.all(boxes == 0, axis=-1))
    return Objects(
        boxes=ops.where(ops.expand_dims(has_box, -1), boxes, 0.0),
        classes=ops.where(present, classes, 0),
        present=present,
        ignored=ops.logical_and(has_box, ignored),
        annotated=annotated,
        labelled=ops.logical_not(ops.all(is_zero, axis=-1)),
    )


def labelled_objects(y_true):
    """Which samples carry a label: those without NaN in their boxes.

    Args:
        y_true: As for `read_objects`.

    Returns:
        Bool tensor (B,).

    Example:

    >>> truth = {"boxes": [[[np.nan] * 4]], "classes": [[0]]}
    >>> [bool(x) for x in labelled_objects(truth)]
    [False]
    """
    require_objects(y_true)
    boxes = ops.cast(y_true["boxes"], "float32")
    return ops.logical_not(ops.any(ops.isnan(boxes), axis=(1, 2)))


def average_over_objects(sums, counts, labelled, *, by="image"):
    """Losses of samples from sums over their anchors, cells or pixels.

    Args:
        sums: Tensor (B,), summed losses.
        counts: Tensor (B,), how many positives each sum has.
        labelled: Bool tensor (B,), as `read_objects` gives it.
        by: `"image"` divides each sum by the image's own count, `"batch"` by
            the mean count of the labelled samples, so that images with many
            objects count more. Neither divides by less than 1.

    Returns:
        Tensor (B,).

    Raises:
        ValueError: If `by` is neither.

    Example:

    >>> sums, counts = np.array([6.0, 2.0]), np.array([3.0, 0.0])
    >>> known = np.array([True, True])
    >>> [float(x) for x in average_over_objects(sums, counts, known)]
    [2.0, 2.0]
    >>> by_batch = average_over_objects(sums, counts, known, by="batch")
    >>> [round(float(x), 2) for x in by_batch]
    [4.0, 1.33]
    """
    require_normalization(by)
    sums, counts = (ops.cast(x, "float32") for x in (sums, counts))
    if by == "image":
        return sums / ops.maximum(counts, 1.0)
    labelled = ops.cast(labelled, "float32")
    # As the sum over the batch is divided by the count over the batch, which
    # is at least 1.
    number = ops.maximum(ops.sum(labelled), 1.0)
    total = ops.maximum(ops.sum(counts * labelled), 1.0)
    return sums * number / total


def require_normalization(by):
    """Raises unless `average_over_objects` knows the kind.

    Args:
        by: `"image"` or `"batch"`.

    Raises:
        ValueError: If it is something else.

    Example:

    >>> require_normalization("image")
    """
    if by not in ("image", "batch"):
        raise ValueError(
            f"Expected 'image' or 'batch' to normalize by, received {by!r}."
        )


def require_objects(y_true):
    """Raises unless a truth has the fields and ranks of objects.

    Args:
        y_true: As for `read_objects`.

    Raises:
        ValueError: Naming the field.

    Example:

    >>> require_objects({"boxes": np.zeros((2, 3, 4)), "classes": [[1]]})
    """
    if not isinstance(y_true, dict) or not set(FIELDS) <= set(y_true):
        found = sorted(y_true) if isinstance(y_true, dict) else "no dict"
        raise ValueError(
            "Expected a truth with 'boxes' (B, M, 4) and 'classes' (B, M), "
            f"received {found}. With mtvision.data.Batches the targets of the "
            'task are {"boxes": "boxes", "classes": "classes"}.'
        )
    ranks = {"boxes": 3, "annotated": 2}
    for field in (*FIELDS, "crowd", "difficult", "annotated"):
        if field not in y_true:
            continue
        shape = tuple(np.shape(y_true[field]))
        if len(shape) != ranks.get(field, 2) or (
            field == "boxes" and shape[-1] != 4
        ):
            expected = "(B, M, 4)" if field == "boxes" else "(B, M)"
            expected = "(B, C)" if field == "annotated" else expected
            raise ValueError(
                f"Expected {field!r} of shape {expected}, received {shape}."
            )


def check_objects(y_true, num_classes=None):
    """Raises unless a truth in numpy makes sense.

    Args:
        y_true: As for `read_objects`, of numpy arrays.
        num_classes: C, or `None` if it is not known.

    Raises:
        ValueError: Naming the sample.

    Example:

    >>> truth = {"boxes": np.zeros((1, 1, 4)), "classes": np.array([[-1]])}
    >>> check_objects(truth, 3)
    """
    require_objects(y_true)
    check_class_indices(np.asarray(y_true["classes"]), num_classes)
    annotated = y_true.get("annotated")
    if annotated is not None and num_classes not in (None, annotated.shape[1]):
        raise ValueError(
            f"'annotated' has {annotated.shape[1]} columns, but the head has "
            f"{num_classes} classes. Expected one a class."
        )
    has_class = np.asarray(y_true["classes"]) >= 0
    if annotated is not None:
        own = np.maximum(y_true["classes"], 0).astype(int)
        known = np.take_along_axis(np.asarray(annotated), own, 1) != 0
        sample = first_sample(has_class & ~known, lambda bad: bad)
        if sample is not None:
            raise ValueError(
                f"sample {sample} has an object of a class that its "
                "'annotated' says is not annotated there."
            )


def object_boxes(y_true):
    """Boxes of a truth in numpy, to be checked: NaN where there is none.

    Args:
        y_true: As for `read_objects`, of numpy arrays.

    Returns:
        Array (B, M, 4).

    Example:

    >>> truth = {"boxes": np.ones((1, 1, 4)), "classes": np.array([[-1]])}
    >>> object_boxes(truth)[0, 0].tolist()
    [nan, nan, nan, nan]
    """
    has_class = np.asarray(y_true["classes"])[..., None] >= 0
    return np.where(has_class, y_true["boxes"], np.nan)
