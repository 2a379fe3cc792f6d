"""Non-maximum suppression: of boxes that overlap, the best one stays."""

import keras
import numpy as np
from keras import ops

from mtvision.ops.candidates import (
    TILE,
    coordinate_planes,
    mask_candidates,
    pad_candidates,
    plane_iou,
    require_number,
    standardize_candidates,
)
from mtvision.ops.compiling import compiled
from mtvision.ops.option_checks import require_count

# Kept boxes that a tile is compared with at once: fastest of 64 to 256 on two
# CPU cores under XLA.
CHUNK = 128


def non_max_suppression(
    boxes,
    scores,
    *,
    max_outputs,
    iou_threshold=0.5,
    score_threshold=None,
    classes=None,
):
    """Chooses boxes by falling score, none of which overlaps a better one.

    Exact and greedy: the box of the highest score stays, every box whose IoU
    with it is above the threshold goes, and so on. Of equal scores the lower
    index comes first. An IoU just at the threshold does not suppress, nor
    does one of two boxes without area, which is 0 / 0.

    Never chosen, and without effect on others, are padding and broken rows:
    those with a score of NaN or minus infinity, with a coordinate that is
    NaN or infinite, or with a negative class. No gradient flows.

    Args:
        boxes: Tensor (B, N, 4), xyxy in pixels. Only B may be unknown.
        scores: Tensor (B, N).
        max_outputs: Positive integer: boxes to choose, at most. May be
            more than N.
        iou_threshold: Number from 0 to 1.
        score_threshold: Number; only boxes with a score above it take
            part. None for no limit.
        classes: Integer tensor (B, N): boxes of different classes do not
            suppress each other. None for boxes of one class.

    Returns:
        Indices into N of the chosen boxes: tensor (B, max_outputs), int32,
        by falling score, padded with -1. All is computed in float32.

    Raises:
        ValueError: If shapes do not fit or an option is out of its range.

    Example:

    >>> boxes = [[[0, 0, 9, 9], [1, 0, 9, 9], [20, 20, 29, 29]]]
    >>> chosen = non_max_suppression(boxes, [[0.7, 0.8, 0.6]], max_outputs=3)
    >>> [int(i) for i in chosen[0]]
    [1, 2, -1]

    Reference:
        Equals torchvision's `nms` and `batched_nms` in float32, on finite
        boxes.
    """
    operation = NonMaxSuppression(
        max_outputs=max_outputs,
        iou_threshold=iou_threshold,
        score_threshold=score_threshold,
    )
    return operation(*standardize_candidates(boxes, scores, classes))


@keras.saving.register_keras_serializable(package="mtvision")
class NonMaxSuppression(keras.Operation):
    """The node of `non_max_suppression` in a functional model."""

    def __init__(self, *, max_outputs, iou_threshold, score_threshold):
        super().__init__()
        require_count(max_outputs, 1, "max_outputs")
        require_number(iou_threshold, "iou_threshold", 0, 1)
        if score_threshold is not None:
            require_number(score_threshold, "score_threshold")
            score_threshold = float(score_threshold)
        self.max_outputs = int(max_outputs)
        self.iou_threshold = float(iou_threshold)
        self.score_threshold = score_threshold

    def call(self, boxes, scores, classes=None):
        """Returns the indices."""
        candidates = mask_candidates(
            boxes, scores, classes, score_threshold=self.score_threshold
        )
        return _suppress(
            *pad_candidates(*candidates),
            ops.convert_to_tensor(_below(self.iou_threshold), "float32"),
            max_outputs=self.max_outputs,
        )

    def compute_output_spec(self, boxes, scores, classes=None):
        """Returns the shape and dtype of the indices."""
        shape = (boxes.shape[0], self.max_outputs)
        return keras.KerasTensor(shape, "int32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            "max_outputs": self.max_outputs,
            "iou_threshold": self.iou_threshold,
            "score_threshold": self.score_threshold,
        }


def suppress_in_tiles(boxes, scores, classes, iou_threshold, *, max_outputs):
    """The pure form of the suppression, on candidates that are padded.

    Takes a tile of the best candidates left, drops those that overlap a box
    kept before, resolves the rest among themselves, and appends.
    """
    batch, padding = ops.shape(boxes)[0], boxes.shape[1] - 1
    everything = coordinate_planes(boxes), classes
    # The last slot takes what is not kept; empty ones point to padding,
    # which overlaps nothing.
    slots = -(-max_outputs // CHUNK) * CHUNK
    kept = ops.full((batch, slots + 1), padding, dtype="int32")
    count = ops.zeros((batch, 1), dtype="int32")

    def unfinished(scores, kept, count):
        left = ops.max(scores, axis=1, keepdims=True) > float("-inf")
        return ops.any(ops.logical_and(left, count < max_outputs))

    def add_tile(scores, kept, count):
        indices = _highest(scores, TILE)
        tile = _take(everything, indices)
        free = ops.take_along_axis(scores, indices, axis=1) > float("-inf")
        free = _without_overlap(
            free, tile, everything, kept, count, iou_threshold
        )
        keep = _resolve(free, _overlaps(tile, tile, iou_threshold))
        place = count + ops.cumsum(ops.cast(keep, "int32"), axis=1) - 1
        keep = ops.logical_and(keep, place < max_outputs)
        kept = _write(kept, ops.where(keep, place, slots), indices)
        scores = _write(
            scores, indices, ops.full_like(free, float("-inf"), "float32")
        )
        added = ops.sum(ops.cast(keep, "int32"), axis=1, keepdims=True)
        return scores, kept, count + added

    kept = ops.while_loop(unfinished, add_tile, (scores, kept, count))[1]
    kept = kept[:, :max_outputs]
    return ops.where(kept == padding, -1, kept)


def _without_overlap(free, tile, everything, kept, count, iou_threshold):
    """Which of a tile are free still, next to what was kept before."""

    def compare(start, free):
        indices = ops.slice(kept, (0, start), (ops.shape(kept)[0], CHUNK))
        hit = _overlaps(_take(everything, indices), tile, iou_threshold)
        hit = ops.any(hit, axis=1)
        return start + CHUNK, ops.logical_and(free, ops.logical_not(hit))

    start = ops.convert_to_tensor(0, "int32")
    return ops.while_loop(
        lambda start, free: ops.any(start < count), compare, (start, free)
    )[1]


def _resolve(free, overlaps):
    """Which of a tile stay.

    A box stays if no better one that stays overlaps it. Repeated until
    nothing changes, this comes to the greedy answer, which is the only one
    that does not change: the n-th box is right after n rounds at most, and
    in practice after two or three all are.
    """
    better = ops.triu(ops.ones((TILE, TILE), dtype="bool"), k=1)
    overlaps = ops.logical_and(overlaps, better)

    def repeat(keep, changes):
        hit = ops.any(ops.logical_and(overlaps, keep[:, :, None]), axis=1)
        new = ops.logical_and(free, ops.logical_not(hit))
        return new, ops.any(new != keep)

    start = free, ops.convert_to_tensor(True)
    return ops.while_loop(lambda keep, changes: changes, repeat, start)[0]


def _overlaps(a, b, iou_threshold):
    overlaps = plane_iou(a[0], b[0]) > iou_threshold
    if a[1] is None:
        return overlaps
    same_class = a[1][:, :, None] == b[1][:, None, :]
    return ops.logical_and(overlaps, same_class)


def _take(candidates, indices):
    planes, classes = candidates
    planes = ops.take_along_axis(planes, indices[:, None], axis=2)
    if classes is not None:
        classes = ops.take_along_axis(classes, indices, axis=1)
    return planes, classes


def _write(x, places, values):
    rows = ops.arange(ops.shape(x)[0], dtype="int32")[:, None]
    rows = ops.broadcast_to(rows, ops.shape(places))
    indices = ops.reshape(ops.stack([rows, places], axis=-1), (-1, 2))
    return ops.scatter_update(x, indices, ops.reshape(values, (-1,)))


def _highest(scores, count):
    """Places of the highest scores; of equal ones the first comes first."""
    if keras.backend.backend() == "torch":  # its top_k leaves ties open
        return ops.argsort(-scores, axis=1)[:, :count]
    return ops.cast(ops.top_k(scores, count)[1], "int32")


def _below(threshold):
    """The largest float32 that is not above a threshold.

    torchvision compares a float32 IoU with a float64 threshold: one of 0.3,
    rounded to float32, is above a threshold of 0.3.
    """
    rounded = np.float32(threshold)
    if float(rounded) > threshold:  # as float32 they would be equal
        rounded = np.nextafter(rounded, np.float32(0))
    return rounded


if keras.backend.backend() == "torch":
    from mtvision.ops._torch import suppress as _suppress
else:
    _suppress = compiled(suppress_in_tiles)
