"""The field's systems as recipes: short functions from parts to a model."""

from mtvision.models.centernet import (
    CenterNet,
    centernet_detector,
    centernet_losses,
)
from mtvision.models.deconv_net import DeconvNet
from mtvision.models.deep_face import DeepFace, deep_face_losses
from mtvision.models.deep_pose import (
    DeepPose,
    deep_pose_detector,
    deep_pose_losses,
)
from mtvision.models.dense_captioning import (
    DenseCaptioning,
    dense_captioning_detector,
    dense_captioning_losses,
)
from mtvision.models.export_model import export_model
from mtvision.models.extremenet import (
    ExtremeNet,
    extremenet_detector,
    extremenet_losses,
)
from mtvision.models.face_embedder import face_embedder
from mtvision.models.face_net import FaceNet, face_net_losses
from mtvision.models.fast_rcnn import (
    FastRCNN,
    fast_rcnn_detector,
    fast_rcnn_losses,
)
from mtvision.models.faster_rcnn import (
    FasterRCNN,
    detect_regions,
    faster_rcnn_detector,
    faster_rcnn_losses,
)
from mtvision.models.fcn import FCN
from mtvision.models.heat_map_pose import (
    HeatMapPose,
    heat_map_pose_detector,
    heat_map_pose_losses,
)
from mtvision.models.keypoint_rcnn import (
    KeypointRCNN,
    keypoint_rcnn_detector,
    keypoint_rcnn_losses,
)
from mtvision.models.mask_rcnn import (
    MaskRCNN,
    mask_rcnn_detector,
    mask_rcnn_losses,
)
from mtvision.models.multi_input import MultiInput
from mtvision.models.overfeat import (
    OverFeat,
    overfeat_detector,
    overfeat_losses,
)
from mtvision.models.panoptic_fpn import (
    PanopticFPN,
    panoptic_fpn_detector,
    panoptic_fpn_losses,
)
from mtvision.models.patch_net import (
    PatchNet,
    patch_classifier,
    slide_patches,
)
from mtvision.models.predict_tiles import predict_tiles
from mtvision.models.rcnn import RCNN, rcnn_detector, rcnn_losses
from mtvision.models.region_maps import region_targets, with_region_maps
from mtvision.models.retinanet import (
    RetinaNet,
    retinanet_detector,
    retinanet_losses,
)
from mtvision.models.rfcn import RFCN, rfcn_detector, rfcn_losses
from mtvision.models.segmentation import segmentation_losses, segmenter
from mtvision.models.segnet import SegNet
from mtvision.models.siamese import Siamese, siamese_losses
from mtvision.models.sliding_window import (
    SlidingWindow,
    sliding_window_detector,
    sliding_window_losses,
)
from mtvision.models.spp_net import (
    SPPNet,
    spp_net_detector,
    spp_net_losses,
)
from mtvision.models.ssd import SSD, ssd_detector, ssd_losses
from mtvision.models.unet import UNet
from mtvision.models.volume_landmarks import (
    VolumeLandmarks,
    volume_landmarks_detector,
    volume_landmarks_losses,
)
from mtvision.models.whitened_embedder import whitened_embedder
from mtvision.models.yolo import YOLO, yolo_detector, yolo_losses
from mtvision.models.yolo_v1 import (
    YOLOv1,
    yolo_v1_detector,
    yolo_v1_losses,
)
