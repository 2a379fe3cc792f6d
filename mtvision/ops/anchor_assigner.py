"""Which object each anchor is to find, by overlap."""

import keras
from keras import ops

from mtvision.ops.boxes import box_area, box_iou
from mtvision.ops.matching import BACKGROUND, IN_BETWEEN, match_anchors
from mtvision.ops.option_checks import require_share


@keras.saving.register_keras_serializable(package="mtvision")
class AnchorAssigner:
    """Matches anchors with objects by bands of their IoU.

    Args:
        high: From this IoU on, an anchor is to find the object.
        low: Below this IoU with all objects, an anchor is background;
            between `low` and `high` it is neither.
        allow_low_quality: Whether the anchors that overlap an object more
            than all other anchors do are matched whatever the IoU, each with
            the object that itself overlaps most.
        claim_best: Whether each object takes the one anchor that it overlaps
            most, even from an object that this anchor overlaps more.
        ignore_overlap: An anchor of the background of which more than this
            share lies in a crowd or in a difficult object is neither.

    Call:
        objects: `Objects` of `mtvision.ops.truth_objects.read_objects`;
            `ignored` may be `None` if there is nothing to ignore.
        anchors: Tensor (A, 4), or (B, A, 4), xyxy in pixels.

    Returns:
        Tensor (B, A), int32: the row of the object, from 0; -1 for
        background, -2 for neither.

    Raises:
        ValueError: If `low` and `high` are not in order.

    Example:

    >>> truth = {"boxes": [[[0, 0, 8, 8]]], "classes": [[2]]}
    >>> objects = mtv.ops.truth_objects.read_objects(truth)
    >>> anchors = [[0.0, 0, 8, 9], [0, 0, 8, 18], [50, 50, 60, 60]]
    >>> [int(x) for x in AnchorAssigner()(objects, anchors)[0]]
    [0, -2, -1]

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017 (bands of 0.4
        and 0.5); Liu et al., SSD, 2016 (`claim_best`). Equal to
        torchvision's `Matcher` and `SSDMatcher`.
    """

    def __init__(
        self,
        *,
        high=0.5,
        low=0.4,
        allow_low_quality=True,
        claim_best=False,
        ignore_overlap=0.5,
    ):
        if not 0 <= low <= high <= 1:
            raise ValueError(
                "Expected 0 <= low <= high <= 1, received "
                f"low={low}, high={high}."
            )
        require_share(ignore_overlap, "ignore_overlap")
        self.high = high
        self.low = low
        self.allow_low_quality = allow_low_quality
        self.claim_best = claim_best
        self.ignore_overlap = ignore_overlap

    def __call__(self, objects, anchors):
        """Returns the matches."""
        anchors = ops.cast(anchors, "float32")
        present = ops.expand_dims(objects.present, -1)
        boxes = ops.where(present, objects.boxes, 0.0)
        iou = box_iou(boxes, anchors)
        match = match_anchors(
            iou,
            high=self.high,
            low=self.low,
            allow_low_quality=self.allow_low_quality,
            valid=objects.present,
        )
        if self.claim_best:
            claims = _claims(iou)
            match = ops.where(claims >= 0, claims, match)
        if objects.ignored is None:
            return match
        covered = _covered(objects, anchors) > self.ignore_overlap
        covered = ops.logical_and(covered, match == BACKGROUND)
        return ops.where(covered, IN_BETWEEN, match)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            "high": self.high,
            "low": self.low,
            "allow_low_quality": self.allow_low_quality,
            "claim_best": self.claim_best,
            "ignore_overlap": self.ignore_overlap,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        return cls(**config)


def _claims(iou):
    """The last object whose best anchor each is, (B, A), or -1."""
    best = ops.cast(ops.argmax(iou, axis=-1), "int32")
    best = ops.where(ops.max(iou, axis=-1) > 0, best, -1)
    anchors = ops.arange(iou.shape[-1], dtype="int32")
    rows = ops.arange(ops.shape(iou)[-2], dtype="int32")
    claimed = ops.expand_dims(best, -1) == anchors
    return ops.max(ops.where(claimed, rows[:, None], -1), axis=-2)


def _covered(objects, anchors):
    """Share of each anchor that the one ignored box takes: (B, A)."""
    ignored = ops.expand_dims(objects.ignored, -1)
    boxes = ops.where(ignored, objects.boxes, 0.0)
    corners = ops.expand_dims(boxes, -2), ops.expand_dims(anchors, -3)
    first = ops.maximum(*(x[..., :2] for x in corners))
    last = ops.minimum(*(x[..., 2:] for x in corners))
    shared = ops.prod(ops.relu(last - first), axis=-1)
    area = ops.expand_dims(ops.maximum(box_area(anchors), 1e-6), -2)
    return ops.max(shared / area, axis=-2)
