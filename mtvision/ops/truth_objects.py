"""Truth of detection: the objects of each image, in rows with padding.

A dict of `"boxes"` (B, M, 4), xyxy in pixels, and `"classes"` (B, M), class
numbers from 0, with -1 in rows of padding. It may also hold `"crowd"` and
`"difficult"` (B, M), 1 for rows that are neither objects to be found nor
background, and `"annotated"` (B, C), 0 for classes of which nothing is known
in that image: their absence from the boxes does not make them negatives.

Truth that cannot be checked before a step, as that of a `tf.data` pipeline,
may hold what is an error elsewhere. There, an object whose class is NaN or
not below the number of classes counts as padding, in all losses that know
the number; losses of boxes only do not, and learn its box.
"""

import collections

from keras import ops

from mtvision.ops.boxes import box_area
from mtvision.ops.object_fields import pad_objects, require_objects

Objects = collections.namedtuple(
    "Objects", "boxes classes present ignored annotated labelled"
)


# Numbers from here on are no classes; float32 holds all below.
_NO_CLASS = 2.0**24


def read_objects(y_true, num_classes=None):
    """Takes a truth of objects apart.

    Where M is 0, or not known when the graph is built, there is one row of
    padding more in the result, so that it is never without a row.

    Args:
        y_true: Dict as above, of tensors of any number dtype.
        num_classes: C; objects of other classes count as padding. `None` if
            it is not known.

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
        ValueError: If a field is missing, or shapes do not fit.

    Example:

    >>> truth = {"boxes": [[[0, 0, 4, 4], [0, 0, 0, 0]]], "classes": [[2, -1]]}
    >>> objects = read_objects(truth)
    >>> [bool(x) for x in objects.present[0]]
    [True, False]
    """
    require_objects(y_true)
    labelled = _is_no_filling(y_true)
    y_true = pad_objects(y_true)
    boxes = ops.cast(y_true["boxes"], "float32")
    numbers = ops.cast(y_true["classes"], "float32")
    limit = _NO_CLASS if num_classes is None else num_classes
    # False for NaN, whose cast differs between backends.
    is_class = ops.logical_and(numbers >= 0, numbers < limit)
    classes = ops.cast(ops.where(is_class, numbers, -1.0), "int32")
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
    return Objects(
        boxes=ops.where(ops.expand_dims(has_box, -1), boxes, 0.0),
        classes=ops.where(present, classes, 0),
        present=present,
        ignored=ops.logical_and(has_box, ignored),
        annotated=annotated,
        labelled=labelled,
    )


def labelled_objects(y_true):
    """Which samples carry a label: those without NaN in boxes of objects.

    Nor do those carry one whose boxes are NaN in all rows, of padding or
    not, as `mtvision.data.Batches` fills in for a missing label.

    Args:
        y_true: As for `read_objects`.

    Returns:
        Bool tensor (B,).

    Example:

    >>> nan = np.full((1, 2, 4), np.nan)
    >>> [bool(x) for x in labelled_objects({"boxes": nan, "classes": [[0, 1]]})]
    [False]
    """
    require_objects(y_true)
    classes = ops.cast(y_true["classes"], "float32")
    broken = ops.isnan(ops.cast(y_true["boxes"], "float32"))
    # True for NaN.
    is_object = ops.logical_not(classes < 0)
    lost = ops.logical_and(is_object, ops.any(broken, axis=-1))
    filled = ops.logical_and(
        ops.all(broken, axis=(1, 2)), ops.shape(classes)[1] > 0
    )
    return ops.logical_not(ops.logical_or(ops.any(lost, axis=1), filled))


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


def _is_no_filling(y_true):
    """Whether a sample's truth is its own, or zeros for a missing label.

    A real truth has no box without area and class 0 in all of its rows.
    """
    classes = ops.cast(y_true["classes"], "float32")
    boxes = ops.cast(y_true["boxes"], "float32")
    own = ops.logical_or(classes != 0, ops.any(boxes != 0, axis=-1))
    return ops.logical_or(ops.any(own, axis=-1), ops.shape(classes)[1] == 0)
