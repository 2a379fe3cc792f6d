"""Task-free losses."""

from mtvision.losses.box_iou import BoxIoU
from mtvision.losses.dice import Dice
from mtvision.losses.smooth_l1 import SmoothL1
