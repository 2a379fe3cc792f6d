"""Detection by windows that slide over the image."""

from mtvision.tasks.window_detection.decoder import DecodeWindows
from mtvision.tasks.window_detection.merging_decoder import MergeWindows
from mtvision.tasks.window_detection.scaled_images import ScaledImages
from mtvision.tasks.window_detection.window_box_head import WindowBoxHead
from mtvision.tasks.window_detection.window_boxes_loss import WindowBoxesLoss
from mtvision.tasks.window_detection.window_classes_loss import (
    WindowClassesLoss,
)
from mtvision.tasks.window_detection.window_head import WindowHead
