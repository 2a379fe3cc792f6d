"""What the two losses of proposals share."""

from mtvision.losses.sampled_boxes_loss import SampledBoxesLoss
from mtvision.ops.anchor_assigner import AnchorAssigner

# Bands of the IoU in Faster R-CNN.
HIGH, LOW = 0.7, 0.3


class ProposalLoss(SampledBoxesLoss):
    """A loss of anchors of which a balanced sample counts.

    Args:
        assigner: `None` for the bands of Faster R-CNN.
        num_samples: As in `SampledBoxesLoss`, and so the others.
        positive_share: Likewise.
        normalize_by: Likewise.
    """

    # What is not annotated may be an object all the same.
    needs_all_annotated = True

    def __init__(self, *, assigner, **options):
        super().__init__(
            assigner=assigner or AnchorAssigner(high=HIGH, low=LOW), **options
        )
