"""Pictures: arrays in, figures out."""

from mtvision.plotting.compare import compare
from mtvision.plotting.draw_scene import draw_scene
