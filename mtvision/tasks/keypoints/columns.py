"""The columns of key points and their truths, named here and nowhere else."""

import collections

from keras import ops

from mtvision.ops.keypoint_scores import (
    keypoint_boxes,
    longer_sides,
    read_keypoints,
)
from mtvision.ops.labels import is_labelled
from mtvision.ops.map_cells import cell_size, split_cells

Truth = collections.namedtuple("Truth", "points given box present known")


def join(logit, points):
    """Puts vectors of key points together.

    Args:
        logit: Tensor (B,): whether the object is there.
        points: Tensor (B, K, 2), x and y in pixels.

    Returns:
        Tensor (B, 1 + 2 K), float32: [p, x1, y1, ..., xK, yK].

    Example:

    >>> vectors = join(np.zeros(1), np.array([[[1.0, 2.0], [3.0, 4.0]]]))
    >>> [float(x) for x in vectors[0]]
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    logit, points = (ops.cast(x, "float32") for x in (logit, points))
    points = ops.reshape(points, (-1, 2 * points.shape[1]))
    return ops.concatenate([logit[:, None], points], axis=-1)


def split(vectors):
    """Takes vectors of key points apart: the reverse of `join`.

    Args:
        vectors: Tensor (B, 1 + 2 K).

    Returns:
        `(logit, points)`: tensors (B,) and (B, K, 2), float32.

    Example:

    >>> logit, points = split(np.arange(5.0)[None])
    >>> float(logit[0]), [float(x) for x in points[0, 1]]
    (0.0, [3.0, 4.0])
    """
    vectors = ops.cast(vectors, "float32")
    number = (vectors.shape[1] - 1) // 2
    return vectors[:, 0], ops.reshape(vectors[:, 1:], (-1, number, 2))


def split_maps(maps):
    """Takes maps of key points apart.

    Args:
        maps: Tensor (B, h, w, K + 4).

    Returns:
        `(values, start, step)`: tensors (B, h, w, K), (2,) and (2,): where
        the centre of the first cell is, and the way to the next, x and y in
        pixels.

    Example:

    >>> from mtvision.ops.map_cells import join_cells
    >>> maps = join_cells(np.zeros((2, 8, 8, 3)), 4)
    >>> values, start, step = split_maps(maps)
    >>> tuple(values.shape), float(start[0]), float(step[0])
    ((2, 8, 8, 3), 2.0, 4.0)
    """
    values, cells = split_cells(maps)
    first = cells[0, 0, 0]
    return values, (first[:2] + first[2:]) / 2, cell_size(cells)


def count_keypoints(outputs, name):
    """How many key points vectors or maps speak of.

    Args:
        outputs: Tensor (B, 1 + 2 K) or (B, h, w, K + 4).
        name: What asks, for the message.

    Returns:
        K.

    Raises:
        ValueError: If the shape is neither.

    Example:

    >>> count_keypoints(np.zeros((8, 29)), "a loss")
    14
    """
    shape = tuple(outputs.shape)
    columns = shape[-1] if shape else None
    if columns and len(shape) == 2 and columns % 2 and columns > 2:
        return columns // 2
    if columns and len(shape) == 4 and columns > 4:
        return columns - 4
    raise ValueError(
        f"{name} expects vectors (B, 1 + 2 K) of KeypointsHead or maps "
        f"(B, h, w, K + 4) of KeypointMapsHead, received shape {shape}."
    )


def read_truth(y_true):
    """Key points of a truth in any form, and whether the object is there.

    Args:
        y_true: One of: tensor (B, K, 3), x, y in pixels and visibility, the
            object being there where any point is given, and not known to be
            elsewhere; dict of it as `"keypoints"`, with `"present"` (B,), and
            `"box"` (B, 4) if it is known; vectors (B, 1 + 2 K), [p, x1, y1,
            ...], NaN or (-1, -1) for a point that is not given. Presence is 1,
            0, or NaN or -1 where it is not known.

    Returns:
        `Truth`, a named tuple of `points` (B, K, 2), zeros where not given;
        `given`, bool (B, K): the point is given, of an object not absent;
        `box` (B, 4), zeros where it is not known; `present`, bool (B,); and
        `known`, bool (B,): whether presence is known.

    Example:

    >>> nan = float("nan")
    >>> truth = read_truth([[1.0, 5, 6, nan, nan], [0.0, 0, 0, 0, 0]])
    >>> [[bool(x) for x in row] for row in truth.given]
    [[True, False], [False, False]]
    """
    if not isinstance(y_true, dict):
        y_true = ops.cast(y_true, "float32")
        if len(y_true.shape) == 2:
            _require_pairs(tuple(y_true.shape))
            present, points = split(y_true)
            y_true = {"keypoints": points, "present": present}
        else:
            y_true = {"keypoints": y_true}
    points, given, box, _ = read_keypoints(y_true)
    if "present" not in y_true:
        present = ops.any(given, axis=1)
        return Truth(points, given, box, present, present)
    present = ops.cast(y_true["present"], "float32")
    known = is_labelled(present)
    absent = ops.logical_and(known, present < 0.5)
    given = ops.logical_and(given, ops.logical_not(absent)[:, None])
    present = ops.logical_and(known, present >= 0.5)
    return Truth(points, given, box, present, known)


def _require_pairs(shape):
    if shape[1] < 3 or shape[1] % 2 == 0:
        raise ValueError(
            "Expected vectors (B, 1 + 2 K) of key points, [p, x1, y1, ...], "
            f"received shape {shape}."
        )


def object_sizes(truth, predicted):
    """The size of each object, that errors are a share of.

    The longer side of its box; where points are missing and the box is not
    known, of what its points span or the predicted ones, if that is more: of
    a person of whom one eye is given, the eye is not the size.

    Args:
        truth: `Truth`.
        predicted: Tensor (B, K, 2), pixels; no gradient reaches it.

    Returns:
        Tensor (B,), at least a pixel.

    Example:

    >>> truth = read_truth([[1.0, 0, 0, 8, 6]])
    >>> float(object_sizes(truth, np.zeros((1, 2, 2)))[0])
    8.0
    """
    spanned = longer_sides(keypoint_boxes(truth.points, truth.given))
    predicted = ops.stop_gradient(ops.cast(predicted, "float32"))
    everything = ops.ones_like(truth.given)
    guessed = longer_sides(keypoint_boxes(predicted, everything))
    whole = ops.all(truth.given, axis=1)
    spanned = ops.where(whole, spanned, ops.maximum(spanned, guessed))
    known = longer_sides(truth.box)
    return ops.maximum(ops.where(known > 0, known, spanned), 1.0)


def metric_truth(y_true):
    """A truth in any form as the metrics of key points read it.

    Args:
        y_true: As for `read_truth`; `"area"` (B,) of a dict is handed on.

    Returns:
        Dict of `"keypoints"` (B, K, 3), whose visibility is 1 or 0, and
        `"box"` (B, 4).

    Example:

    >>> truth = metric_truth([[1.0, 5, 6], [0.0, 5, 6]])
    >>> [float(x) for x in truth["keypoints"][:, 0, 2]]
    [1.0, 0.0]
    """
    truth = read_truth(y_true)
    given = ops.cast(truth.given, "float32")[..., None]
    keypoints = ops.concatenate([truth.points, given], axis=-1)
    fields = {"keypoints": keypoints, "box": truth.box}
    if isinstance(y_true, dict) and "area" in y_true:
        fields["area"] = y_true["area"]
    return fields
