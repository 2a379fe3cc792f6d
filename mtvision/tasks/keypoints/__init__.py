"""Key points of one object: landmarks of a face, the pose of a person."""

from mtvision.tasks.keypoints.constant import constant_keypoints
from mtvision.tasks.keypoints.decoder import DecodeKeypoints
from mtvision.tasks.keypoints.head import KeypointsHead
from mtvision.tasks.keypoints.keypoint_maps_head import KeypointMapsHead
from mtvision.tasks.keypoints.keypoint_maps_loss import KeypointMapsLoss
from mtvision.tasks.keypoints.keypoint_refinement_head import (
    KeypointRefinementHead,
)
from mtvision.tasks.keypoints.keypoints_error import KeypointsError
from mtvision.tasks.keypoints.keypoints_pck import KeypointsPCK
from mtvision.tasks.keypoints.keypoints_presence import KeypointsPresence
from mtvision.tasks.keypoints.keypoints_similarity import KeypointsSimilarity
from mtvision.tasks.keypoints.loss import KeypointsLoss
