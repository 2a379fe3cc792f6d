"""Loss of the key points of regions."""

import keras
import numpy as np
from keras import ops

from mtvision.losses.region_field_loss import RegionFieldLoss
from mtvision.ops.keypoint_targets import keypoint_targets
from mtvision.ops.object_field_checks import (
    check_keypoints,
    check_keypoints_near,
)
from mtvision.tasks.region_keypoints.columns import count_keypoints, split


@keras.saving.register_keras_serializable(package="mtvision")
class RegionKeypointsLoss(RegionFieldLoss):
    """Cross entropy over the cells of a region: where a key point is.

    Each key point is a choice among S * S cells. The mean is over the
    labelled key points that lie in a region which shows their object (IoU of
    0.5 or more), each with the weight of the region in the sample, as
    `RegionBoxesLoss` takes it.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels,
    `"classes"` (B, M), -1 in padding, and `"keypoints"` (B, M, K, 3), x, y
    in pixels and visibility: 0 not labelled, 1 hidden, 2 visible. Predictions
    are the rows (B, R, S + 1, S, K) of `RegionKeypointsHead`.

    Args:
        assigner: Says which object a region shows; by default
            `AnchorAssigner(high=0.5, low=0.5, allow_low_quality=False)`.
        num_samples: Regions that count in an image, at most, background too.
        positive_share: Largest share of positives among these.
        normalize_by: `"batch"`: key points are the mean of the batch, so that
            images with many of them count more; `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or truth and predictions do
            not fit.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]]),
    ...          "keypoints": np.array([[[[1.0, 7.0, 2.0]]]])}
    >>> rows = np.zeros((1, 1, 4, 2, 1))  # S is 2
    >>> rows[0, 0, 3] = 8.0  # of the region 0, 0, 8, 8
    >>> round(float(RegionKeypointsLoss()(truth, rows)), 4)
    1.3863

    Reference:
        He et al., Mask R-CNN, 2017. Equal to torchvision's where fewer
        regions than `num_samples` count.
    """

    field, field_shape = "keypoints", "(B, M, K, 3)"

    def __init__(
        self,
        *,
        assigner=None,
        num_samples=512,
        positive_share=0.25,
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="region_keypoints_loss",
    ):
        super().__init__(
            assigner=assigner,
            num_samples=num_samples,
            positive_share=positive_share,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        self._require_number(y_true, y_pred)
        maps, regions = split(y_pred, self.name)
        keypoints, rows, weights, _ = self.match(y_true, regions, None)
        size = maps.shape[2]
        places, valid = keypoint_targets(keypoints, regions, rows, size)
        shape = (*ops.shape(maps)[:2], size * size, maps.shape[-1])
        logits = ops.reshape(maps, shape)
        chance = ops.log_softmax(logits, axis=2)
        values = -ops.take_along_axis(chance, places[:, :, None], axis=2)
        weights = ops.where(valid, weights[..., None], 0.0)
        return self.average_positives(values[:, :, 0], weights, y_true)

    def is_known(self, values):
        """Which objects have a labelled key point: bool (B, M)."""
        return ops.any(ops.cast(values[..., 2], "float32") > 0, axis=2)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects with key points."""
        self._require_number(y_true, y_pred)
        self.check_field(y_true, None)
        check_keypoints(y_true)

    def check_image_size(self, y_true, image_size):
        """Raises if key points of a numpy truth are far from the image."""
        check_keypoints_near(y_true, image_size)

    def _require_number(self, y_true, rows):
        number = count_keypoints(rows, self.name)
        found = y_true.get(self.field) if isinstance(y_true, dict) else None
        shape = () if found is None else np.shape(found)
        if len(shape) == 4 and shape[2] not in (number, None):
            raise ValueError(
                f"{self.name} was given rows of {number} key points, but a "
                f"truth of {shape[2]}. Expected equal numbers."
            )
