"""Loss of objectness."""

import keras
from keras import ops

from mtvision.tasks.region_proposals.columns import (
    OBJECTNESS,
    require_rows,
    split,
)
from mtvision.tasks.region_proposals.proposal_loss import ProposalLoss


@keras.saving.register_keras_serializable(package="mtvision")
class ProposalObjectnessLoss(ProposalLoss):
    """Cross entropy of anchors, an object or background.

    An anchor is positive from an IoU of 0.7 with an object on, or if none
    overlaps that object more; negative below 0.3 with all of them. Where the
    paper draws 256 anchors of an image at random, at most half of them
    positive, here all count, with the chance to be drawn as their weight:
    the mean over all draws, the same at every call. The sum is divided by
    the number of anchors drawn. An image without objects teaches negatives.

    Truth is a dict of objects: `"boxes"` (B, M, 4), xyxy in pixels, and
    `"classes"` (B, M), -1 in padding, whose numbers do not matter;
    `"crowd"`, `"difficult"` (B, M) and `"annotated"` (B, C) may be there. An
    image in which not all classes are annotated has no negatives.
    Predictions are the rows (B, A, 1 + 4) of `ProposalObjectnessHead`.

    Args:
        assigner: Says which object an anchor is to find; by default
            `AnchorAssigner(high=0.7, low=0.3)`.
        num_samples: Anchors that count in an image, at most.
        positive_share: Largest share of positives among these.
        normalize_by: `"batch"`: the anchors drawn are the mean of the batch;
            `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or the predictions are
            those of another head.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]])}
    >>> rows = np.array([[[0.0, 0, 0, 8, 8], [0.0, 50, 50, 58, 58]]])
    >>> round(float(ProposalObjectnessLoss()(truth, rows)), 4)
    0.6931

    Reference:
        Ren et al., Faster R-CNN, 2015. Equal to torchvision's where fewer
        anchors than `num_samples` count, else to its mean over the draws.
    """

    def __init__(
        self,
        *,
        assigner=None,
        num_samples=256,
        positive_share=0.5,
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="proposal_objectness_loss",
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
        logits, anchors = split(y_pred, OBJECTNESS, self.name)
        sample = self.sample(y_true, anchors)
        logits = ops.squeeze(logits, -1)
        logits = ops.where(sample.positive, -logits, logits)
        return self.average(ops.softplus(logits), sample)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects."""
        require_rows(y_pred, OBJECTNESS, self.name)
        super().check_truth(y_true, y_pred)
