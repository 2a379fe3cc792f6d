"""Keras layers that several rooms build on."""

from mtvision.layers.attention_pooling_2d import AttentionPooling2D
from mtvision.layers.bed_of_nails_2d import BedOfNails2D
from mtvision.layers.bilinear_kernel import BilinearKernel
from mtvision.layers.fill_missing import FillMissing
from mtvision.layers.global_max_pooling_2d import GlobalMaxPooling2D
from mtvision.layers.known_words import KnownWords
from mtvision.layers.l2_normalization import L2Normalization
from mtvision.layers.locally_connected_2d import LocallyConnected2D
from mtvision.layers.mask_missing import MaskMissing
from mtvision.layers.max_pool_with_argmax_2d import MaxPoolWithArgmax2D
from mtvision.layers.max_unpool_2d import MaxUnpool2D
from mtvision.layers.multilevel_roi_align import MultilevelRoIAlign
from mtvision.layers.ps_roi_align import PSRoIAlign
from mtvision.layers.ps_roi_pool import PSRoIPool
from mtvision.layers.region_trunk import RegionTrunk
from mtvision.layers.roi_align import RoIAlign
from mtvision.layers.roi_pool import RoIPool
from mtvision.layers.spatial_pyramid_pooling import SpatialPyramidPooling
from mtvision.layers.spatial_pyramid_pooling_2d import (
    SpatialPyramidPooling2D,
)
from mtvision.layers.squared_distance import SquaredDistance
from mtvision.layers.transposed_conv_1d import TransposedConv1D
from mtvision.layers.transposed_conv_2d import TransposedConv2D
from mtvision.layers.unit_length import UnitLength
from mtvision.layers.upsample_2d import Upsample2D
from mtvision.layers.warp_regions import WarpRegions
from mtvision.layers.zero_padding import ZeroPadding
