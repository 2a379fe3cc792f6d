"""Regions: the class and box of each, as in R-CNN."""

from mtvision.tasks.regions.decoder import DecodeRegions
from mtvision.tasks.regions.given_regions import GivenRegions
from mtvision.tasks.regions.position_sensitive_boxes_head import (
    PositionSensitiveBoxesHead,
)
from mtvision.tasks.regions.position_sensitive_classes_head import (
    PositionSensitiveClassesHead,
)
from mtvision.tasks.regions.region_boxes_head import RegionBoxesHead
from mtvision.tasks.regions.region_boxes_loss import RegionBoxesLoss
from mtvision.tasks.regions.region_classes_head import RegionClassesHead
from mtvision.tasks.regions.region_classes_loss import RegionClassesLoss
from mtvision.tasks.regions.tower import RegionTower
