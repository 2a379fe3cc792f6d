"""Pure functions on tensors, for every backend."""

from mtvision.ops.anchor_clusters import cluster_anchors, mean_anchor_iou
from mtvision.ops.anchors import (
    anchor_grid,
    cell_anchors,
    default_box_scales,
    default_boxes,
    default_cell_boxes,
)
from mtvision.ops.bed_of_nails import bed_of_nails
from mtvision.ops.bilinear_sampling import sample_bilinear
from mtvision.ops.box_deltas import (
    decode_boxes,
    decode_distances,
    encode_boxes,
    encode_distances,
)
from mtvision.ops.boxes import (
    aligned_box_iou,
    box_area,
    box_iou,
    clip_boxes,
)
from mtvision.ops.focal import binary_focal, categorical_focal
from mtvision.ops.keypoint_conventions import (
    COCO_KEYPOINTS,
    LSP_KEYPOINTS,
)
from mtvision.ops.keypoint_maps import (
    draw_keypoint_maps,
    find_keypoint_peaks,
)
from mtvision.ops.keypoint_scores import object_keypoint_similarity
from mtvision.ops.keypoint_targets import (
    keypoint_targets,
    keypoints_of_maps,
)
from mtvision.ops.mask_pasting import paste_masks
from mtvision.ops.mask_targets import mask_targets
from mtvision.ops.matching import match_anchors
from mtvision.ops.max_pooling import max_pool_with_argmax, max_unpool
from mtvision.ops.panoptic_merging import merge_panoptic
from mtvision.ops.position_sensitive import ps_roi_align, ps_roi_pool
from mtvision.ops.resizing import (
    enlarge,
    resize_bicubic,
    resize_bilinear,
    resize_like,
    resize_nearest,
)
from mtvision.ops.roi_align import multilevel_roi_align, roi_align
from mtvision.ops.roi_pool import roi_pool
from mtvision.ops.soft_suppression import soft_non_max_suppression
from mtvision.ops.suppression import non_max_suppression
from mtvision.ops.transposed_convolution import transposed_convolution
