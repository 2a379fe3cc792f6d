"""Masks of regions, as in Mask R-CNN."""

from mtvision.tasks.region_masks.decoder import DecodeRegionMasks
from mtvision.tasks.region_masks.region_masks_head import RegionMasksHead
from mtvision.tasks.region_masks.region_masks_loss import RegionMasksLoss
