"""Loss of semantic segmentation."""

import keras
from keras import ops

from mtvision.losses.class_index_loss import ClassIndexLoss


@keras.saving.register_keras_serializable(package="mtvision")
class SegmentationLoss(ClassIndexLoss):
    """Cross entropy of every labelled pixel, averaged over them.

    Truth is class indices (B, H, W) or (B, H, W, 1); pixels with a negative
    label, `ignore_class` or an index beyond the classes carry no label.
    Predictions are logits (B, H, W, C); with C = 1 they speak of class 1
    against class 0.

    To weigh the pixels, as U-Net does near borders (see
    `mtvision.data.border_weights`), the truth is a dict of two fields:
    `labels` as above, and `weights` of the same shape, which multiply the
    pixels' losses; the mean is over the labelled pixels as without them.

    Args:
        ignore_class: A class index that means "unlabelled", or `None`.
        class_weights: `None`, or one factor a class (two if C = 1) for the
            pixels of the class. The sum is divided by the number of labelled
            pixels, not by the sum of their factors as PyTorch's
            `CrossEntropyLoss(weight=...)` does.

    Example:

    >>> import numpy as np
    >>> truth, logits = np.array([[[0, 255]]]), np.zeros((1, 1, 2, 4))
    >>> round(float(SegmentationLoss()(truth, logits)), 4)
    1.3863
    >>> weighted = {"labels": truth, "weights": np.full((1, 1, 2), 2.0)}
    >>> round(float(SegmentationLoss()(weighted, logits)), 4)
    2.7726
    """

    def __init__(
        self,
        *,
        ignore_class=255,
        class_weights=None,
        reduction="sum_over_batch_size",
        name="segmentation_loss",
    ):
        super().__init__(
            ignore_class=ignore_class,
            class_weights=class_weights,
            reduction=reduction,
            name=name,
        )

    def element_losses(self, labels, logits):
        """Returns the cross entropy of each pixel, (B, H, W)."""
        if logits.shape[-1] == 1:
            truth = ops.cast(labels, "float32")
            return ops.binary_crossentropy(
                truth, logits[..., 0], from_logits=True
            )
        return ops.sparse_categorical_crossentropy(
            labels, logits, from_logits=True
        )
