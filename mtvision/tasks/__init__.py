"""Tasks: heads, losses, metrics and decoders, one folder a task."""

from mtvision.tasks.classification import (
    ClassificationHead,
    ClassificationLoss,
    DecodeClassification,
)
from mtvision.tasks.localization import (
    DecodeLocalization,
    LocalizationCorrect,
    LocalizationHead,
    LocalizationIoU,
    LocalizationLoss,
    ObjectnessAccuracy,
)
from mtvision.tasks.segmentation import (
    DecodeSegmentation,
    SegmentationHead,
    SegmentationLoss,
)
