"""Pictures: arrays in, figures out."""

from mtvision.plotting.compare import compare
from mtvision.plotting.draw_class_histogram import draw_class_histogram
from mtvision.plotting.draw_conflicts import draw_conflicts
from mtvision.plotting.draw_detection_confusion import (
    draw_detection_confusion,
)
from mtvision.plotting.draw_importances import draw_importances
from mtvision.plotting.draw_intervals import draw_intervals
from mtvision.plotting.draw_iou_sweep import draw_iou_sweep
from mtvision.plotting.draw_learning_curves import draw_learning_curves
from mtvision.plotting.draw_parallel_coordinates import (
    draw_parallel_coordinates,
)
from mtvision.plotting.draw_pareto_front import draw_pareto_front
from mtvision.plotting.draw_precision_recall import draw_precision_recall
from mtvision.plotting.draw_roc import draw_roc
from mtvision.plotting.draw_scene import draw_scene
from mtvision.plotting.draw_score_thresholds import draw_score_thresholds
from mtvision.plotting.draw_search_history import draw_search_history
from mtvision.plotting.draw_size_histogram import draw_size_histogram
from mtvision.plotting.draw_volume_landmarks import draw_volume_landmarks
from mtvision.plotting.draw_weights import draw_weights
from mtvision.plotting.show import show
