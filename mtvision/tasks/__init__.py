"""Tasks: heads, losses, metrics and decoders, one folder a task."""

from mtvision.tasks.classification import (
    ClassificationHead,
    ClassificationLoss,
    DecodeClassification,
    constant_classification,
)
from mtvision.tasks.depth import (
    BerHuLoss,
    DepthErrors,
    DepthHead,
    DepthL1Loss,
    ScaleInvariantDepthLoss,
)
from mtvision.tasks.detection import (
    AnchorAssigner,
    DecodeDetections,
    DefaultBoxes,
    DetectionHead,
    DetectionLoss,
    GridAnchors,
    MultiBoxLoss,
    SSDHead,
)
from mtvision.tasks.edges import EdgeFMeasure, EdgesHead, EdgesLoss
from mtvision.tasks.embedding import EmbeddingHead
from mtvision.tasks.keypoints import (
    DecodeKeypoints,
    KeypointMapsHead,
    KeypointMapsLoss,
    KeypointRefinementHead,
    KeypointsError,
    KeypointsHead,
    KeypointsLoss,
    KeypointsPCK,
    KeypointsPresence,
    KeypointsSimilarity,
    constant_keypoints,
)
from mtvision.tasks.localization import (
    DecodeLocalization,
    LocalizationCorrect,
    LocalizationHead,
    LocalizationIoU,
    LocalizationLoss,
    ObjectnessAccuracy,
    constant_localization,
)
from mtvision.tasks.normals import NormalAngles, NormalsHead, NormalsLoss
from mtvision.tasks.panoptic import DecodePanoptic
from mtvision.tasks.point_detection import (
    CenterHeatMapLoss,
    CenterOffsetLoss,
    CenterSizeLoss,
    DecodeCenters,
    DecodeExtremes,
    ExtremeHeatMapLoss,
    ExtremeOffsetLoss,
    HeatMapHead,
    PointValuesHead,
)
from mtvision.tasks.region_captions import (
    DecodeRegionCaptions,
    RegionCaptionsHead,
    RegionCaptionsLoss,
)
from mtvision.tasks.region_keypoints import (
    DecodeRegionKeypoints,
    RegionKeypointsHead,
    RegionKeypointsLoss,
)
from mtvision.tasks.region_masks import (
    DecodeRegionMasks,
    RegionMasksHead,
    RegionMasksLoss,
)
from mtvision.tasks.region_proposals import (
    ProposalBoxesHead,
    ProposalBoxesLoss,
    ProposalObjectnessHead,
    ProposalObjectnessLoss,
    ProposalTower,
    ProposeRegions,
)
from mtvision.tasks.regions import (
    DecodeRegions,
    GivenRegions,
    PositionSensitiveBoxesHead,
    PositionSensitiveClassesHead,
    RegionBoxesHead,
    RegionBoxesLoss,
    RegionClassesHead,
    RegionClassesLoss,
    RegionTower,
)
from mtvision.tasks.regression import RegressionHead, constant_regression
from mtvision.tasks.segmentation import (
    DecodeSegmentation,
    FCNHead,
    SegmentationHead,
    SegmentationLoss,
    constant_segmentation,
)
from mtvision.tasks.volume_landmarks import (
    DecodeVolumeLandmarks,
    LandmarkDisplacementHead,
    LandmarkDisplacementLoss,
    LandmarkError,
    LandmarkPresenceHead,
    LandmarkPresenceLoss,
    LandmarksFound,
)
from mtvision.tasks.window_detection import (
    DecodeWindows,
    MergeWindows,
    ScaledImages,
    WindowBoxesLoss,
    WindowBoxHead,
    WindowClassesLoss,
    WindowHead,
)
from mtvision.tasks.yolo import (
    CellAnchorAssigner,
    DecodeYOLO,
    YOLOHead,
    YOLOLoss,
)
from mtvision.tasks.yolo_v1 import DecodeYOLOv1, YOLOv1Head, YOLOv1Loss
