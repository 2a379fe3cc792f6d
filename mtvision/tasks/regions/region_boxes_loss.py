"""Loss of the boxes of regions."""

import keras
from keras import ops

from mtvision.losses.region_loss import RegionLoss
from mtvision.ops.box_delta_errors import delta_errors
from mtvision.ops.object_checks import check_objects
from mtvision.ops.option_checks import require_not_negative
from mtvision.tasks.regions.columns import require_boxes, split_boxes


@keras.saving.register_keras_serializable(package="mtvision")
class RegionBoxesLoss(RegionLoss):
    """Smooth L1 errors of the deltas of regions that show an object.

    Of the deltas for each class those for the object's class count. The
    errors are summed over the four and the positives, each with its weight
    in the sample, and divided by the number of all regions in the sample,
    background too: see `RegionClassesLoss`, which takes the same sample from
    the same options. Truth is as there. Predictions are the rows
    (B, R, 4 C + 4) of `RegionBoxesHead`, or (B, R, 4 + 4), one box for all
    classes.

    Args:
        assigner: Says which object a region shows; by default
            `AnchorAssigner(high=0.5, low=0.5, allow_low_quality=False)`.
        num_samples: Regions that count in an image, at most.
        positive_share: Largest share of positives among these.
        beta: Error from which on it is absolute, not squared; 0 for the
            absolute error throughout.
        delta_weights: Weights of the deltas, as in `ops.encode_boxes`;
            `DecodeRegions` needs the same.
        normalize_by: `"batch"`: the regions drawn are the mean of the batch;
            `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or the predictions are
            those of another head.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]])}
    >>> rows = np.array([[[1.0, 0, 0, 0, 0, 0, 8, 8]]])
    >>> float(RegionBoxesLoss(beta=0.0)(truth, rows))
    1.0

    Reference:
        Girshick, Fast R-CNN, 2015, whose squared part reaches to 1, not 1/9.
        Equal to torchvision's where fewer regions than `num_samples` count,
        else to its mean over the draws.
    """

    def __init__(
        self,
        *,
        assigner=None,
        num_samples=512,
        positive_share=0.25,
        beta=1 / 9,
        delta_weights=(10.0, 10.0, 5.0, 5.0),
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="region_boxes_loss",
    ):
        super().__init__(
            assigner=assigner,
            num_samples=num_samples,
            positive_share=positive_share,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )
        require_not_negative(beta, "beta")
        self.beta = beta
        self.delta_weights = tuple(delta_weights)

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        deltas, regions = split_boxes(y_pred, self.name)
        classes = _count_classes(y_pred)
        sample = self.sample(y_true, regions, classes)
        if classes is None:
            own = ops.squeeze(deltas, 2)
        else:
            numbers = ops.arange(classes, dtype="int32")
            is_own = ops.expand_dims(sample.classes, -1) == numbers
            own = ops.where(ops.expand_dims(is_own, -1), deltas, 0.0)
            own = ops.sum(own, axis=2)
        errors = delta_errors(
            sample.boxes,
            regions,
            own,
            weights=self.delta_weights,
            beta=self.beta,
        )
        errors = ops.where(sample.positive, errors, 0.0)
        return self.average(errors, sample)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects of the head's classes."""
        require_boxes(y_pred, self.name)
        check_objects(y_true, _count_classes(y_pred))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "delta_weights": self.delta_weights,
        }


def _count_classes(rows):
    """C, or `None` for one box, which may be that of any class."""
    classes = rows.shape[-1] // 4 - 1
    return None if classes == 1 else classes
