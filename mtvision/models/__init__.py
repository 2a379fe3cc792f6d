"""The field's systems as recipes: short functions from parts to a model."""

from mtvision.models.retinanet import (
    RetinaNet,
    retinanet_detector,
    retinanet_losses,
)
from mtvision.models.ssd import SSD, ssd_detector, ssd_losses
