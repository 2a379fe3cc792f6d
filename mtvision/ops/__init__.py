"""Pure functions on tensors, for every backend."""

from mtvision.ops.boxes import (
    aligned_box_iou,
    box_area,
    box_iou,
    clip_boxes,
)
from mtvision.ops.resizing import resize_like
