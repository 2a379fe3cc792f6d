"""RetinaNet's loss: focal on all anchors, and a box loss on those matched."""

import keras
from keras import ops

from mtvision.losses import SmoothL1
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.focal import binary_focal, require_focal
from mtvision.ops.truth_objects import average_over_objects
from mtvision.tasks.detection.anchor_loss import AnchorLoss


@keras.saving.register_keras_serializable(package="mtvision")
class DetectionLoss(AnchorLoss):
    """`(sum of focal losses + box_weight * sum of box losses) / positives`.

    The focal losses are those of every class at every anchor that is matched
    or background; the box losses those of the anchors that are matched, the
    positives, whose number counts as 1 at least. So an image without objects
    still teaches what is background.

    Truth is a dict of `"boxes"` (B, M, 4), xyxy in pixels, and `"classes"`
    (B, M), -1 in rows of padding; optionally `"crowd"`, `"difficult"` (B, M)
    and `"annotated"` (B, C): see `mtvision.ops.truth_objects`. A class that
    is not annotated in an image gets no negatives there. Predictions are
    (B, A, 4 + C + 4) as `DetectionHead` gives them.

    Args:
        assigner: Says which object an anchor is to find; by default
            `AnchorAssigner()`.
        alpha: Weight of the positives in the focal loss.
        gamma: Focus of the focal loss.
        box_loss: A `keras.losses.Loss`; by default the absolute error,
            `SmoothL1(beta=0)`.
        box_form: `"deltas"` if `box_loss` compares deltas, or `"boxes"` for
            one of boxes in pixels, such as `mtvision.losses.BoxIoU`.
        box_weight: Factor of the box loss.
        delta_weights: Weights of the deltas, as in `ops.encode_boxes`; the
            decoder needs the same.
        normalize_by: `"image"`: the positives are the image's own;
            `"batch"`: the mean of the batch, so that images with many
            objects count more.

    Raises:
        ValueError: If an option is not of its kind, or truth and
            predictions do not fit.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]])}
    >>> row = [0.5, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 8.0, 8.0]
    >>> round(float(DetectionLoss()(truth, np.array([[row]]))), 3)
    0.5

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017. Equal to
        torchvision's RetinaNet; the paper has a smooth L1 loss.
    """

    def __init__(
        self,
        *,
        assigner=None,
        alpha=0.25,
        gamma=2.0,
        box_loss=None,
        box_form="deltas",
        box_weight=1.0,
        delta_weights=(1.0, 1.0, 1.0, 1.0),
        normalize_by="image",
        reduction="sum_over_batch_size",
        name="detection_loss",
    ):
        super().__init__(
            assigner=assigner or AnchorAssigner(),
            box_loss=box_loss or SmoothL1(beta=0.0),
            box_form=box_form,
            box_weight=box_weight,
            delta_weights=delta_weights,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )
        require_focal(alpha, gamma)
        self.alpha = alpha
        self.gamma = gamma

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        objects, match, own, logits, box_values = self.assign(y_true, y_pred)
        classes = ops.arange(logits.shape[-1], dtype="int32")
        is_true = ops.logical_and(
            ops.expand_dims(match >= 0, -1),
            ops.expand_dims(own, -1) == classes,
        )
        counts = ops.expand_dims(match >= -1, -1)
        if objects.annotated is not None:
            known = ops.expand_dims(objects.annotated, 1)
            counts = ops.logical_and(counts, ops.logical_or(known, is_true))
        focal = binary_focal(
            is_true, logits, alpha=self.alpha, gamma=self.gamma
        )
        sums = ops.sum(ops.where(counts, focal, 0.0), axis=(1, 2))
        sums += self.box_weight * ops.sum(box_values, axis=1)
        positives = ops.sum(ops.cast(match >= 0, "float32"), axis=1)
        return average_over_objects(
            sums, positives, objects.labelled, by=self.normalize_by
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "gamma": self.gamma,
        }
