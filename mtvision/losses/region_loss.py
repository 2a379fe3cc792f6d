"""What the losses of regions have in common."""

from mtvision.losses.sampled_boxes_loss import SampledBoxesLoss
from mtvision.ops.anchor_assigner import AnchorAssigner

# IoU from which on a region shows an object, in Fast R-CNN.
POSITIVE = 0.5


class RegionLoss(SampledBoxesLoss):
    """A loss of regions of which a balanced sample counts.

    Args:
        assigner: `None` for the bands of Fast R-CNN, without its lowest.
        num_samples: As in `SampledBoxesLoss`, and so the others.
        positive_share: Likewise.
        normalize_by: Likewise.
    """

    def __init__(self, *, assigner, **options):
        assigner = assigner or AnchorAssigner(
            high=POSITIVE, low=POSITIVE, allow_low_quality=False
        )
        super().__init__(assigner=assigner, **options)
