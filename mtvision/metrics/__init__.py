"""Task-free metrics."""

from mtvision.metrics.box_iou import BoxIoU
from mtvision.metrics.confusion_matrix import ConfusionMatrix
from mtvision.metrics.correct_at_iou import CorrectAtIoU
from mtvision.metrics.mean_iou import MeanIoU
from mtvision.metrics.multi_label_accuracy import MultiLabelAccuracy
