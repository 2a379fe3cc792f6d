"""Semantic segmentation."""

from mtvision.tasks.segmentation.constant import constant_segmentation
from mtvision.tasks.segmentation.decoder import DecodeSegmentation
from mtvision.tasks.segmentation.fcn_head import FCNHead
from mtvision.tasks.segmentation.head import SegmentationHead
from mtvision.tasks.segmentation.loss import SegmentationLoss
