"""Detection of objects from anchors, at every place and size at once."""

from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.grid_anchors import GridAnchors
from mtvision.tasks.detection.decoder import DecodeDetections
from mtvision.tasks.detection.default_boxes import DefaultBoxes
from mtvision.tasks.detection.head import DetectionHead
from mtvision.tasks.detection.loss import DetectionLoss
from mtvision.tasks.detection.multi_box_loss import MultiBoxLoss
from mtvision.tasks.detection.ssd_head import SSDHead
