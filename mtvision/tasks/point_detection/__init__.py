"""Objects as points in heat maps: centres, and extreme points."""

from mtvision.tasks.point_detection.center_decoder import DecodeCenters
from mtvision.tasks.point_detection.center_heat_map_loss import (
    CenterHeatMapLoss,
)
from mtvision.tasks.point_detection.center_offset_loss import CenterOffsetLoss
from mtvision.tasks.point_detection.center_size_loss import CenterSizeLoss
from mtvision.tasks.point_detection.extreme_decoder import DecodeExtremes
from mtvision.tasks.point_detection.extreme_heat_map_loss import (
    ExtremeHeatMapLoss,
)
from mtvision.tasks.point_detection.extreme_offset_loss import (
    ExtremeOffsetLoss,
)
from mtvision.tasks.point_detection.heat_map_head import HeatMapHead
from mtvision.tasks.point_detection.point_values_head import PointValuesHead
