"""Key points of regions, as in Mask R-CNN."""

from mtvision.tasks.region_keypoints.decoder import DecodeRegionKeypoints
from mtvision.tasks.region_keypoints.region_keypoints_head import (
    RegionKeypointsHead,
)
from mtvision.tasks.region_keypoints.region_keypoints_loss import (
    RegionKeypointsLoss,
)
