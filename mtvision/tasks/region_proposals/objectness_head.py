"""Head that tells objects from background."""

import keras

from mtvision.tasks.region_proposals.anchor_head import AnchorHead
from mtvision.tasks.region_proposals.columns import OBJECTNESS


@keras.saving.register_keras_serializable(package="mtvision")
class ProposalObjectnessHead(AnchorHead):
    """Says of each anchor whether there is an object, of whatever class.

    Args:
        anchors: `GridAnchors`, by default three a cell: one size, 8 cells,
            in three shapes. `ProposalBoxesHead` needs the same.

    Call:
        maps: Dict of maps (B, h, w, D), as `ProposalTower` gives them.

    Returns:
        Rows (B, A, 1 + 4), float32: a logit, and the anchor, xyxy in pixels.

    Raises:
        ValueError: If levels differ in channels or anchors a cell.

    Example:

    >>> maps = {"P3": keras.ops.ones((2, 4, 4, 8))}
    >>> tuple(ProposalObjectnessHead()(maps).shape)
    (2, 48, 5)

    Reference:
        Ren et al., Faster R-CNN, 2015, with one logit in place of two.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("ProposalObjectnessLoss",)
    num_values = OBJECTNESS
