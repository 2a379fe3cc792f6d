"""From feature maps to feature maps."""

from mtvision.necks.expanding_path import ExpandingPath
from mtvision.necks.feature_pyramid import FeaturePyramid
from mtvision.necks.ssd_pyramid import SSDPyramid
