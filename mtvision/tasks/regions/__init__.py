"""Regions: the class and box of each, as in R-CNN."""

from mtvision.tasks.regions.decoder import DecodeRegions
from mtvision.tasks.regions.region_boxes_head import RegionBoxesHead
from mtvision.tasks.regions.region_boxes_loss import RegionBoxesLoss
from mtvision.tasks.regions.region_classes_head import RegionClassesHead
from mtvision.tasks.regions.region_classes_loss import RegionClassesLoss
from mtvision.tasks.regions.tower import RegionTower
