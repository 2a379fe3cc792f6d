"""Loss of the classes of regions."""

import keras
from keras import ops

from mtvision.losses.region_loss import RegionLoss
from mtvision.ops.background_entropy import background_entropy
from mtvision.ops.object_checks import check_objects
from mtvision.tasks.regions.columns import require_classes, split_classes


@keras.saving.register_keras_serializable(package="mtvision")
class RegionClassesLoss(RegionLoss):
    """Cross entropy of regions: which object they show, or background.

    A region shows the object with which it has the highest IoU, if that is
    0.5 or more, else background; but one that lies in a crowd or a difficult
    object, and shows nothing else, is neither. Where the paper draws regions
    of an image at random, at most a quarter of them positive, here all
    count, with the chance to be drawn as their weight: the mean over all
    draws, the same at every call. The sum is divided by the number of
    regions drawn. An image without objects teaches background. Regions
    without area are padding.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels, and
    `"classes"` (B, M), -1 in padding; `"crowd"`, `"difficult"` (B, M) and
    `"annotated"` (B, C) may be there. Where a class is not annotated, the
    background's probability is that of the background or of that class.
    Predictions are the rows (B, R, C + 1 + 4) of `RegionClassesHead`.

    Args:
        assigner: Says which object a region shows; by default
            `AnchorAssigner(high=0.5, low=0.5, allow_low_quality=False)`.
        num_samples: Regions that count in an image, at most.
        positive_share: Largest share of positives among these.
        normalize_by: `"batch"`: the regions drawn are the mean of the batch;
            `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or the predictions are
            those of another head.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]])}
    >>> rows = np.array([[[0.0, 0.0, 0, 0, 8, 8]]])
    >>> round(float(RegionClassesLoss()(truth, rows)), 4)
    0.6931

    Reference:
        Girshick, Fast R-CNN, 2015; 512 regions: Lin et al., Feature Pyramid
        Networks, 2017. Equal to torchvision's where fewer regions than
        `num_samples` count, else to its mean over the draws.
    """

    def __init__(
        self,
        *,
        assigner=None,
        num_samples=512,
        positive_share=0.25,
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="region_classes_loss",
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
        logits, regions = split_classes(y_pred, self.name)
        background = logits.shape[-1] - 1
        sample = self.sample(y_true, regions, background)
        labels = ops.where(sample.positive, sample.classes, background)
        values = background_entropy(labels, logits, sample.objects.annotated)
        return self.average(values, sample)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects of the head's classes."""
        require_classes(y_pred, self.name)
        check_objects(y_true, y_pred.shape[-1] - 5)
