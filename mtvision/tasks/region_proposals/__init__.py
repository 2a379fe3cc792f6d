"""Region proposals: where an image holds objects, of whatever class."""

from mtvision.tasks.region_proposals.objectness_head import (
    ProposalObjectnessHead,
)
from mtvision.tasks.region_proposals.objectness_loss import (
    ProposalObjectnessLoss,
)
from mtvision.tasks.region_proposals.proposal_boxes_head import (
    ProposalBoxesHead,
)
from mtvision.tasks.region_proposals.proposal_boxes_loss import (
    ProposalBoxesLoss,
)
from mtvision.tasks.region_proposals.propose_regions import ProposeRegions
from mtvision.tasks.region_proposals.tower import ProposalTower
