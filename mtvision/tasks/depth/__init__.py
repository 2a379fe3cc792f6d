"""Depth of every pixel."""

from mtvision.tasks.depth.berhu_loss import BerHuLoss
from mtvision.tasks.depth.depth_errors import DepthErrors
from mtvision.tasks.depth.depth_l1_loss import DepthL1Loss
from mtvision.tasks.depth.head import DepthHead
from mtvision.tasks.depth.scale_invariant_depth_loss import (
    ScaleInvariantDepthLoss,
)
