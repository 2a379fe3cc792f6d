"""Loss of the boxes of proposals."""

import keras
from keras import ops

from mtvision.ops.box_delta_errors import delta_errors
from mtvision.ops.option_checks import require_not_negative
from mtvision.tasks.region_proposals.columns import BOXES, require_rows, split
from mtvision.tasks.region_proposals.proposal_loss import ProposalLoss


@keras.saving.register_keras_serializable(package="mtvision")
class ProposalBoxesLoss(ProposalLoss):
    """Smooth L1 errors of the deltas of positive anchors.

    They are summed over the four deltas and the positives, each with its
    weight in the sample, and divided by the number of all anchors in the
    sample, negatives too: see `ProposalObjectnessLoss`, which takes the same
    sample from the same options. Truth is as there. Predictions are the
    rows (B, A, 4 + 4) of `ProposalBoxesHead`.

    Args:
        assigner: Says which object an anchor is to find; by default
            `AnchorAssigner(high=0.7, low=0.3)`.
        num_samples: Anchors that count in an image, at most.
        positive_share: Largest share of positives among these.
        beta: Error from which on it is absolute, not squared; 0 for the
            absolute error throughout.
        delta_weights: Weights of the deltas, as in `ops.encode_boxes`;
            `ProposeRegions` needs the same.
        normalize_by: `"batch"`: the anchors drawn are the mean of the batch;
            `"image"`: the image's own.

    Raises:
        ValueError: If an option is out of range, or the predictions are
            those of another head.

    Example:

    >>> truth = {"boxes": np.array([[[0, 0, 8, 8]]]),
    ...          "classes": np.array([[0]])}
    >>> rows = np.array([[[1.0, 0, 0, 0, 0, 0, 8, 8]]])
    >>> float(ProposalBoxesLoss(beta=0.0)(truth, rows))
    1.0

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
        beta=1 / 9,
        delta_weights=(1.0, 1.0, 1.0, 1.0),
        normalize_by="batch",
        reduction="sum_over_batch_size",
        name="proposal_boxes_loss",
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
        deltas, anchors = split(y_pred, BOXES, self.name)
        sample = self.sample(y_true, anchors)
        errors = delta_errors(
            sample.boxes,
            anchors,
            deltas,
            weights=self.delta_weights,
            beta=self.beta,
        )
        errors = ops.where(sample.positive, errors, 0.0)
        return self.average(errors, sample)

    def check_truth(self, y_true, y_pred):
        """Raises unless a numpy truth holds objects."""
        require_rows(y_pred, BOXES, self.name)
        super().check_truth(y_true, y_pred)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "delta_weights": self.delta_weights,
        }
