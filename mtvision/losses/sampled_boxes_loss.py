"""What the losses of proposals and of regions have in common."""

import collections

import keras
from keras import ops

from mtvision.ops.boxes import box_area
from mtvision.ops.detections import take_rows
from mtvision.ops.object_checks import check_objects, object_boxes
from mtvision.ops.option_checks import require_count, require_within
from mtvision.ops.sampling_weights import sampling_weights
from mtvision.ops.truth_objects import (
    average_over_objects,
    labelled_objects,
    read_objects,
    require_normalization,
)

Sample = collections.namedtuple(
    "Sample", "objects match positive weights count classes boxes"
)


class SampledBoxesLoss(keras.losses.Loss):
    """A loss of boxes of which a balanced sample counts.

    Args:
        assigner: From objects and boxes to matches: `AnchorAssigner`.
        num_samples: Boxes that count in an image, at most: see
            `mtvision.ops.sampling_weights`.
        positive_share: Largest share of positives among these.
        normalize_by: As in `average_over_objects`.

    Raises:
        ValueError: If an option is out of range.
    """

    # Whether there are no negatives in an image in which some classes are
    # not annotated.
    needs_all_annotated = False

    def __init__(
        self,
        *,
        assigner,
        num_samples,
        positive_share,
        normalize_by,
        reduction,
        name,
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        require_count(num_samples, 1, "num_samples")
        require_within(positive_share, 0, 1, "positive_share")
        require_normalization(normalize_by)
        self.assigner = assigner
        self.num_samples = num_samples
        self.positive_share = positive_share
        self.normalize_by = normalize_by

    def sample(self, y_true, boxes, num_classes=None):
        """Assigns objects to boxes, and says how much each box counts.

        Args:
            y_true: Truth of objects.
            boxes: Tensor (B, A, 4), xyxy in pixels. Those without area are
                padding, and count nowhere.
            num_classes: C, or `None` if it is not known.

        Returns:
            `Sample`, a named tuple of
            `objects`, as `read_objects` gives them;
            `match` (B, A), int32: what the assigner says;
            `positive` (B, A), bool: boxes that are to find an object;
            `weights` (B, A) and `count` (B,), of `sampling_weights`;
            `classes` (B, A), int32, and `boxes` (B, A, 4) of the object,
            those of any object where not positive.
        """
        objects = read_objects(y_true, num_classes)
        if not {"crowd", "difficult"} & set(y_true):
            objects = objects._replace(ignored=None)
        match = self.assigner(objects, boxes)
        is_real = box_area(boxes) > 0
        positive = ops.logical_and(is_real, match >= 0)
        negative = ops.logical_and(is_real, match == -1)
        if self.needs_all_annotated and objects.annotated is not None:
            known = ops.all(objects.annotated, axis=1, keepdims=True)
            negative = ops.logical_and(negative, known)
        weights, count = sampling_weights(
            positive, negative, self.num_samples, self.positive_share
        )
        classes = ops.expand_dims(ops.cast(objects.classes, "float32"), -1)
        table = ops.concatenate([objects.boxes, classes], axis=-1)
        rows = take_rows(table, ops.maximum(match, 0))
        classes = ops.cast(rows[..., 4], "int32")
        return Sample(
            objects, match, positive, weights, count, classes, rows[..., :4]
        )

    def average(self, values, sample):
        """Weighted sums over the numbers of boxes that count.

        Args:
            values: Tensor (B, A).
            sample: What `sample` gave.

        Returns:
            Tensor (B,).
        """
        # Not products alone: 0 x infinity would be NaN.
        values = ops.where(sample.weights > 0, values * sample.weights, 0.0)
        return average_over_objects(
            ops.sum(values, axis=1),
            sample.count,
            sample.objects.labelled,
            by=self.normalize_by,
        )

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,)."""
        return labelled_objects(y_true)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects."""
        check_objects(y_true)

    def truth_boxes(self, y_true):
        """The boxes (B, M, 4) of a numpy truth, NaN in rows of padding."""
        return object_boxes(y_true)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "assigner": keras.saving.serialize_keras_object(self.assigner),
            "num_samples": self.num_samples,
            "positive_share": self.positive_share,
            "normalize_by": self.normalize_by,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        assigner = keras.saving.deserialize_keras_object(config["assigner"])
        return cls(**{**config, "assigner": assigner})
