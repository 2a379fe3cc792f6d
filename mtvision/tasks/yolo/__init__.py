"""YOLO with anchor boxes: cells of one or more maps, each with some anchors."""

from mtvision.tasks.yolo.assigner import CellAnchorAssigner
from mtvision.tasks.yolo.decoder import DecodeYOLO
from mtvision.tasks.yolo.head import YOLOHead
from mtvision.tasks.yolo.loss import YOLOLoss
