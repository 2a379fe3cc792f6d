"""Pure functions on tensors, for every backend."""

from mtvision.ops.boxes import (
    aligned_box_iou,
    box_area,
    box_iou,
    clip_boxes,
)
from mtvision.ops.position_sensitive import ps_roi_align, ps_roi_pool
from mtvision.ops.resizing import resize_like
from mtvision.ops.roi_align import multilevel_roi_align, roi_align
from mtvision.ops.roi_pool import roi_pool
