"""Pictures: arrays in, figures out."""

from mtvision.plotting.compare import compare
from mtvision.plotting.draw_class_histogram import draw_class_histogram
from mtvision.plotting.draw_conflicts import draw_conflicts
from mtvision.plotting.draw_scene import draw_scene
from mtvision.plotting.draw_size_histogram import draw_size_histogram
from mtvision.plotting.draw_weights import draw_weights
from mtvision.plotting.show import show
