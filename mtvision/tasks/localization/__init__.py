"""Localization of one object, or of one object of each kind."""

from mtvision.tasks.localization.constant import constant_localization
from mtvision.tasks.localization.decoder import DecodeLocalization
from mtvision.tasks.localization.head import LocalizationHead
from mtvision.tasks.localization.localization_correct import (
    LocalizationCorrect,
)
from mtvision.tasks.localization.localization_iou import LocalizationIoU
from mtvision.tasks.localization.loss import LocalizationLoss
from mtvision.tasks.localization.objectness_accuracy import ObjectnessAccuracy
