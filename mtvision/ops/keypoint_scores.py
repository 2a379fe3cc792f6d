"""How far key points are from where they should be."""

import collections
import numbers

from keras import ops

from mtvision.ops.boxes import box_area, finite_boxes

Keypoints = collections.namedtuple("Keypoints", "points given box area")

# What a dict of the truth of one object may hold; losses read the presence.
FIELDS = ("keypoints", "present", "box", "area")
WORDS = {
    "present": "a number",
    "box": "x1, y1, x2, y2",
    "area": "square pixels",
}

# Beyond this a number is no place, but infinity or a mark.
FAR = 1e9


def read_keypoints(y_true):
    """Key points of one object a sample, and which of them are given.

    Args:
        y_true: Tensor (B, K, 3), x and y in pixels and a visibility, above 0
            where the point is given; or (B, K, 2), NaN where it is not, or
            (-1, -1), as integers have it; or a dict of it as `"keypoints"`
            and, if known, of the object's `"box"` (B, 4), xyxy in pixels, and
            `"area"` (B,).

    Returns:
        `Keypoints`, a named tuple of `points` (B, K, 2), zeros where not
        given; `given`, bool (B, K); `box` (B, 4) and `area` (B,), zeros where
        they are not known.

    Raises:
        ValueError: If a dict has another field, or no `"keypoints"`, or these
            have another shape.

    Example:

    >>> read = read_keypoints([[[1.0, 2.0, 2.0], [9.0, 5.0, 1.0], [0, 0, 0]]])
    >>> [bool(x) for x in read.given[0]], [float(x) for x in read.box[0]]
    ([True, True, False], [0.0, 0.0, 0.0, 0.0])
    """
    fields = y_true if isinstance(y_true, dict) else {"keypoints": y_true}
    fields = {k: ops.convert_to_tensor(v) for k, v in fields.items()}
    require_fields(fields)
    keypoints = ops.cast(fields["keypoints"], "float32")
    shape = tuple(keypoints.shape)
    if len(shape) != 3 or shape[1] == 0 or shape[2] not in (2, 3):
        raise ValueError(
            "Expected key points (B, K, 3) of x, y and visibility, or "
            f"(B, K, 2), with K of 1 or more; received shape {shape}."
        )
    # False for NaN.
    given = ops.all(ops.abs(keypoints[..., :2]) < FAR, axis=-1)
    if keypoints.shape[-1] == 3:
        told = keypoints[..., 2] > 0
    else:
        told = ops.any(keypoints != -1, axis=-1)
    given = ops.logical_and(given, told)
    points = ops.where(given[..., None], keypoints[..., :2], 0.0)
    box, area = (
        ops.zeros_like(points[:, 0, :1]),
        ops.zeros_like(points[:, 0, 0]),
    )
    box = ops.tile(box, (1, 4))
    if "box" in fields:
        box = finite_boxes(fields["box"])
    if "area" in fields:
        area = ops.cast(fields["area"], "float32")
        area = ops.where(area > 0, area, 0.0)
    return Keypoints(points, given, box, area)


def require_fields(fields):
    """Raises unless a dict holds key points, and what belongs to them.

    Args:
        fields: Dict of tensors, see `read_keypoints`, perhaps with
            `"present"` (B,).

    Raises:
        ValueError: If it lacks them, has another field, or one of another
            shape.

    Example:

    >>> require_fields({"keypoints": np.zeros((8, 5, 3)), "area": np.ones(8)})
    """
    if "keypoints" not in fields or set(fields) - set(FIELDS):
        raise ValueError(
            "expected a dict of key points with 'keypoints' and, if known, "
            f"{', '.join(map(repr, FIELDS[1:]))}; received a dict with "
            f"{sorted(fields)}."
        )
    number = fields["keypoints"].shape[0]
    for name in fields.keys() - {"keypoints"}:
        shape = tuple(fields[name].shape)
        expected = (number, 4) if name == "box" else (number,)
        pairs = zip(shape, expected)
        known = all(m == n for m, n in pairs if None not in (m, n))
        if len(shape) != len(expected) or not known:
            raise ValueError(
                f"expected {name!r} {expected}, {WORDS[name]} for each of "
                f"{number} samples, received shape {shape}."
            )


def object_boxes(keypoints):
    """The boxes of objects; where they are not known, what their points span.

    Args:
        keypoints: `Keypoints`.

    Returns:
        Tensor (B, 4), xyxy in pixels.

    Example:

    >>> read = read_keypoints([[[1.0, 2.0], [9.0, 5.0]]])
    >>> [float(x) for x in object_boxes(read)[0]]
    [1.0, 2.0, 9.0, 5.0]
    """
    known = box_area(keypoints.box)[..., None] > 0
    spanned = keypoint_boxes(keypoints.points, keypoints.given)
    return ops.where(known, keypoints.box, spanned)


def object_areas(keypoints):
    """The areas of objects; where they are not known, those of their boxes.

    Args:
        keypoints: `Keypoints`.

    Returns:
        Tensor (B,), square pixels.

    Example:

    >>> read = read_keypoints([[[1.0, 2.0], [9.0, 5.0]]])
    >>> float(object_areas(read)[0])
    24.0
    """
    areas = box_area(object_boxes(keypoints))
    return ops.where(keypoints.area > 0, keypoints.area, areas)


def keypoint_boxes(points, given):
    """The boxes that given points span.

    Args:
        points: Tensor (..., K, 2), x and y.
        given: Bool tensor (..., K).

    Returns:
        Tensor (..., 4), xyxy, zeros where no point is given.

    Example:

    >>> box = keypoint_boxes([[1.0, 5.0], [4.0, 2.0]], [True, True])
    >>> [float(x) for x in box]
    [1.0, 2.0, 4.0, 5.0]
    """
    points = ops.cast(points, "float32")
    given = ops.expand_dims(ops.convert_to_tensor(given), -1)
    low = ops.min(ops.where(given, points, FAR), axis=-2)
    high = ops.max(ops.where(given, points, -FAR), axis=-2)
    boxes = ops.concatenate([low, high], axis=-1)
    return ops.where(ops.any(given, axis=-2), boxes, 0.0)


def longer_sides(boxes):
    """The longer side of boxes.

    Args:
        boxes: Tensor (..., 4), xyxy.

    Returns:
        Tensor (...).

    Example:

    >>> float(longer_sides([0.0, 0.0, 3.0, 5.0]))
    5.0
    """
    boxes = finite_boxes(boxes)
    return ops.max(boxes[..., 2:] - boxes[..., :2], axis=-1)


def reference_lengths(keypoints, reference):
    """The length that the errors of a sample are divided by.

    Args:
        keypoints: `Keypoints`.
        reference: `None` for pixels, `"box"` for the longer side of the
            object's box, or a pair of numbers of key points for the distance
            between them.

    Returns:
        Tensor (B,), 0 where it is not known.

    Example:

    >>> read = read_keypoints([[[1.0, 2.0], [4.0, 6.0]]])
    >>> [float(reference_lengths(read, r)[0]) for r in (None, "box", (0, 1))]
    [1.0, 4.0, 5.0]
    """
    if reference is None:
        return ops.ones_like(keypoints.area)
    if reference == "box":
        return longer_sides(object_boxes(keypoints))
    first, second = reference
    both = ops.logical_and(
        keypoints.given[:, first], keypoints.given[:, second]
    )
    away = keypoints.points[:, first] - keypoints.points[:, second]
    return ops.where(both, ops.norm(away, axis=-1), 0.0)


def require_reference(reference, num_keypoints):
    """Raises unless errors can be divided by a reference.

    Args:
        reference: As for `reference_lengths`.
        num_keypoints: K.

    Raises:
        ValueError: If it is anything else.

    Example:

    >>> require_reference((9, 2), 14)
    """
    if reference is None or reference == "box":
        return
    pair = isinstance(reference, list | tuple) and len(reference) == 2
    pair = pair and all(
        isinstance(k, numbers.Integral) and k in range(num_keypoints)
        for k in reference
    )
    if not pair or reference[0] == reference[1]:
        raise ValueError(
            "Expected reference as None (pixels), 'box' or a pair of whole "
            f"numbers of key points, from 0 to {num_keypoints - 1}, received "
            f"{reference!r}."
        )


def keypoint_distances(keypoints, predicted):
    """How far predicted points are from where they are, in pixels.

    Args:
        keypoints: `Keypoints`.
        predicted: Tensor (B, K, 2) or (B, K, 3), x and y in pixels.

    Returns:
        Tensor (B, K), 0 where no point is given.

    Example:

    >>> read = read_keypoints([[[1.0, 2.0], [4.0, float("nan")]]])
    >>> away = keypoint_distances(read, [[[4.0, 6.0], [9.0, 9.0]]])
    >>> [float(x) for x in away[0]]
    [5.0, 0.0]
    """
    predicted = ops.cast(predicted, "float32")[..., :2]
    distances = ops.norm(predicted - keypoints.points, axis=-1)
    return ops.where(keypoints.given, distances, 0.0)


def object_keypoint_similarity(distances, given, areas, sigmas):
    """How alike key points are, in terms of what annotators differ.

    `exp(-distance ** 2 / (2 (2 sigma) ** 2 area))`, averaged over the points
    of an object that are given.

    Args:
        distances: Tensor (B, K), pixels.
        given: Bool tensor (B, K).
        areas: Tensor (B,), pixels squared.
        sigmas: K numbers, see `ops.COCO_KEYPOINTS`.

    Returns:
        Tensor (B,), from 0 to 1; 0 where no point is given.

    Example:

    >>> away = np.array([[4.0, 0.0]])
    >>> alike = object_keypoint_similarity(away, away > -1, [100.0], [0.1, 0.1])
    >>> round(float(alike[0]), 3)
    0.568

    Reference:
        Lin et al., Microsoft COCO, 2014. Equal to pycocotools'.
    """
    distances = ops.cast(distances, "float32")
    variances = ops.square(2 * ops.convert_to_tensor(sigmas, "float32"))
    # As pycocotools, so that nothing is divided by 0.
    areas = ops.maximum(ops.cast(areas, "float32"), 1e-12)[:, None]
    alike = ops.exp(-ops.square(distances) / (2 * variances * areas))
    counts = ops.sum(ops.cast(given, "float32"), axis=1)
    alike = ops.sum(ops.where(given, alike, 0.0), axis=1)
    return alike / ops.maximum(counts, 1.0)
