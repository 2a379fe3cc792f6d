"""Task-free metrics."""

from mtvision.metrics.box_iou import BoxIoU
from mtvision.metrics.coco_evaluate import CocoResult, coco_evaluate
from mtvision.metrics.coco_mean_average_precision import (
    CocoMeanAveragePrecision,
)
from mtvision.metrics.collect_detections import collect_detections
from mtvision.metrics.collect_pairs import collect_pairs
from mtvision.metrics.confusion_matrix import ConfusionMatrix
from mtvision.metrics.correct_at_iou import CorrectAtIoU
from mtvision.metrics.dense_captioning_evaluate import (
    DenseCaptioningResult,
    dense_captioning_evaluate,
)
from mtvision.metrics.detection_confusion import detection_confusion
from mtvision.metrics.keypoint_error import KeypointError
from mtvision.metrics.mean_iou import MeanIoU
from mtvision.metrics.multi_label_accuracy import MultiLabelAccuracy
from mtvision.metrics.object_keypoint_similarity import (
    ObjectKeypointSimilarity,
)
from mtvision.metrics.pair_verification import PairVerification
from mtvision.metrics.panoptic_evaluate import (
    PanopticResult,
    panoptic_evaluate,
)
from mtvision.metrics.panoptic_quality import PanopticQuality
from mtvision.metrics.pck import PCK
from mtvision.metrics.precision_recall import (
    PrecisionRecall,
    precision_recall_curves,
)
from mtvision.metrics.relative_change import relative_change
from mtvision.metrics.score_thresholds import score_threshold_table
from mtvision.metrics.verification import (
    VerificationReport,
    all_pairs,
    choose_threshold,
    verification_accuracy,
    verification_report,
)
from mtvision.metrics.voc_average_precision import (
    VocResult,
    voc_average_precision,
)
