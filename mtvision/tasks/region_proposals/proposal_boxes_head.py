"""Head that moves anchors onto objects."""

import keras

from mtvision.tasks.region_proposals.anchor_head import AnchorHead
from mtvision.tasks.region_proposals.columns import BOXES


@keras.saving.register_keras_serializable(package="mtvision")
class ProposalBoxesHead(AnchorHead):
    """Says of each anchor where its object is, if there is one.

    Args:
        anchors: `GridAnchors`, by default three a cell: one size, 8 cells,
            in three shapes. `ProposalObjectnessHead` needs the same.

    Call:
        maps: Dict of maps (B, h, w, D), as `ProposalTower` gives them.

    Returns:
        Rows (B, A, 4 + 4), float32: deltas from the anchor to the box, and
        the anchor, xyxy in pixels.

    Raises:
        ValueError: If levels differ in channels or anchors a cell.

    Example:

    >>> maps = {"P3": keras.ops.ones((2, 4, 4, 8))}
    >>> tuple(ProposalBoxesHead()(maps).shape)
    (2, 48, 8)

    Reference:
        Ren et al., Faster R-CNN, 2015.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("ProposalBoxesLoss",)
    num_values = BOXES
