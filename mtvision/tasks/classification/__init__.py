"""Classification of whole images, single-label and multi-label."""

from mtvision.tasks.classification.constant import constant_classification
from mtvision.tasks.classification.decoder import DecodeClassification
from mtvision.tasks.classification.head import ClassificationHead
from mtvision.tasks.classification.loss import ClassificationLoss
