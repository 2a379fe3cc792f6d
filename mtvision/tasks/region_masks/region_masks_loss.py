"""Loss of the masks of regions."""

import keras
from keras import ops

from mtvision.losses.region_field_loss import RegionFieldLoss
from mtvision.ops.mask_targets import mask_targets
from mtvision.ops.object_field_checks import check_mask_size, check_masks
from mtvision.tasks.region_masks.columns import count_classes, split


@keras.saving.register_keras_serializable(package="mtvision")
class RegionMasksLoss(RegionFieldLoss):
    """Binary cross entropy of the masks of regions that show an object.

    Only the mask of the object's class counts, pixel by pixel, so that the
    classes do not compete. The mean over the pixels is averaged over the
    regions that show an object (IoU of 0.5 or more) with a mask, each with
    its weight in the sample, as `RegionBoxesLoss` takes it.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels,
    `"classes"` (B, M), -1 in padding, and `"masks"` (B, M, H, W), 1 inside
    of the object. An object whose mask is empty has none, and counts nowhere;
    nor does one whose mask is NaN or -1 all over.
    Predictions are the rows (B, R, S + 1, S, C) of `RegionMasksHead`.

    Args:
        assigner: Says which object a region shows; by default
            `AnchorAssigner(high=0.5, low=0.5, allow_low_quality=False)`.
        aligned: As in `ops.mask_targets`; `DecodeRegionMasks` needs the same.
        num_samples: Regions that count in an image, at most, background too.
        positive_share: Largest share of positives among these.
        normalize_by: `"batch"`: regions are the mean of the batch, so that
            images with many objects count more; `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or truth and predictions do
            not fit.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]]), "masks": np.ones((1, 1, 8, 8))}
    >>> rows = np.zeros((1, 1, 4, 2, 1))  # S is 2
    >>> rows[0, 0, 3] = 8.0  # of the region 0, 0, 8, 8
    >>> round(float(RegionMasksLoss()(truth, rows)), 4)
    0.6931

    Reference:
        He et al., Mask R-CNN, 2017. Not aligned, equal to torchvision's
        where fewer regions than `num_samples` count.
    """

    field, field_shape = "masks", "(B, M, H, W)"

    def __init__(
        self,
        *,
        assigner=None,
        aligned=True,
        num_samples=512,
        positive_share=0.25,
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="region_masks_loss",
    ):
        super().__init__(
            assigner=assigner,
            num_samples=num_samples,
            positive_share=positive_share,
            normalize_by=normalize_by,
            reduction=reduction,
            name=name,
        )
        self.aligned = aligned

    def call(self, y_true, y_pred):
        """Returns the loss of each sample, (B,)."""
        logits, regions = split(y_pred, self.name)
        masks, rows, weights, sample = self.match(
            y_true, regions, self._classes(y_pred)
        )
        if logits.shape[-1] > 1:
            classes = ops.arange(logits.shape[-1], dtype="int32")
            is_own = sample.classes[..., None, None, None] == classes
            logits = ops.where(is_own, logits, 0.0)
        logits = ops.sum(logits, axis=-1)
        targets = mask_targets(
            masks, regions, rows, logits.shape[2], aligned=self.aligned
        )
        values = ops.softplus(logits) - logits * targets
        values = ops.mean(values, axis=(2, 3))
        return self.average_positives(values, weights, y_true)

    def is_known(self, values):
        """Which objects have a mask: bool (B, M)."""
        is_bool = keras.backend.standardize_dtype(values.dtype) == "bool"
        return ops.any(values if is_bool else values > 0, axis=(2, 3))

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects with masks."""
        self.check_field(y_true, self._classes(y_pred))
        check_masks(y_true)

    def check_image_size(self, y_true, image_size):
        """Raises unless the masks of a numpy truth are of that size."""
        check_mask_size(y_true, image_size)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "aligned": self.aligned}

    def _classes(self, rows):
        """C, or `None` for one mask, which may be that of any class."""
        classes = count_classes(rows, self.name)
        return None if classes == 1 else classes
