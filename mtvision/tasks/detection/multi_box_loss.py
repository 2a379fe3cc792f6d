"""SSD's loss: cross entropy with hard negatives, and a box loss."""

import keras
from keras import ops

from mtvision.losses import SmoothL1
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.background_entropy import background_entropy
from mtvision.ops.hard_negatives import hardest
from mtvision.ops.option_checks import require_count, require_not_negative
from mtvision.ops.truth_objects import average_over_objects
from mtvision.tasks.detection.anchor_loss import AnchorLoss


@keras.saving.register_keras_serializable(package="mtvision")
class MultiBoxLoss(AnchorLoss):
    """`(sum of cross entropies + box_weight * sum of box losses) / positives`.

    The box losses are those of the anchors that are matched, the positives.
    The cross entropies are theirs and those of the hardest of the image's
    negatives: the anchors of the background with the highest loss,
    `negative_ratio` for each positive. The number of positives counts as 1
    at least.

    Truth is as for `DetectionLoss`. Where a class is not annotated in an
    image, the background's probability there is that of the background or of
    any such class. Predictions are (B, A, 4 + (1 + C) + 4) as `SSDHead` gives
    them, the background's logit before those of the classes.

    Args:
        assigner: Says which object an anchor is to find; by default
            `AnchorAssigner(low=0.5, claim_best=True)`.
        negative_ratio: Negatives for each positive of the image.
        min_negatives: The least number of negatives in an image, so that one
            without objects teaches as well. torchvision's is 0.
        box_loss: A `keras.losses.Loss`; by default `SmoothL1()`.
        box_form: As in `DetectionLoss`.
        box_weight: Factor of the box loss.
        delta_weights: Weights of the deltas, as in `ops.encode_boxes`; the
            decoder needs the same.
        normalize_by: `"batch"`: the positives are the mean of the batch;
            `"image"`: the image's own.

    Raises:
        ValueError: If an option is not of its kind, or truth and
            predictions do not fit.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]])}
    >>> row = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 8.0, 8.0]
    >>> round(float(MultiBoxLoss()(truth, np.array([[row]]))), 4)
    0.6931

    Reference:
        Liu et al., SSD, 2016. Equal to torchvision's SSD with
        `min_negatives=0`.
    """

    num_backgrounds = 1

    def __init__(
        self,
        *,
        assigner=None,
        negative_ratio=3.0,
        min_negatives=3,
        box_loss=None,
        box_form="deltas",
        box_weight=1.0,
        delta_weights=(10.0, 10.0, 5.0, 5.0),
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="multi_box_loss",
    ):
        super().__init__(
            assigner=assigner
            or AnchorAssigner(
                low=0.5, allow_low_quality=False, claim_best=True
            ),
            box_loss=box_loss or SmoothL1(),
            box_form=box_form,
            box_weight=box_weight,
            delta_weights=delta_weights,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )
        require_not_negative(negative_ratio, "negative_ratio")
        require_count(min_negatives, 0, "min_negatives")
        self.negative_ratio = negative_ratio
        self.min_negatives = min_negatives

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        objects, match, own, logits, box_values = self.assign(y_true, y_pred)
        is_positive = match >= 0
        entropy = background_entropy(
            ops.where(is_positive, own + 1, 0),
            logits,
            objects.annotated,
            background_first=True,
        )
        positives = ops.sum(ops.cast(is_positive, "float32"), axis=1)
        number = self.negative_ratio * positives
        number = ops.maximum(number, float(self.min_negatives))
        is_hard = hardest(entropy, match == -1, number)
        counts = ops.logical_or(is_positive, is_hard)
        sums = ops.sum(ops.where(counts, entropy, 0.0), axis=1)
        sums += self.box_weight * ops.sum(box_values, axis=1)
        return average_over_objects(
            sums, positives, objects.labelled, by=self.normalize_by
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "negative_ratio": self.negative_ratio,
            "min_negatives": self.min_negatives,
        }
