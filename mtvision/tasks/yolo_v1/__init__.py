"""YOLO v1: a grid over the image, whose cells predict boxes and a class."""

from mtvision.tasks.yolo_v1.decoder import DecodeYOLOv1
from mtvision.tasks.yolo_v1.head import YOLOv1Head
from mtvision.tasks.yolo_v1.loss import YOLOv1Loss
