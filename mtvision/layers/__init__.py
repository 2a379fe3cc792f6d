"""Keras layers that several rooms build on."""

from mtvision.layers.attention_pooling_2d import AttentionPooling2D
from mtvision.layers.multilevel_roi_align import MultilevelRoIAlign
from mtvision.layers.ps_roi_align import PSRoIAlign
from mtvision.layers.ps_roi_pool import PSRoIPool
from mtvision.layers.roi_align import RoIAlign
from mtvision.layers.roi_pool import RoIPool
