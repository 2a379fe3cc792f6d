"""Edges: pixels where one thing ends and another begins."""

from mtvision.tasks.edges.edge_f_measure import EdgeFMeasure
from mtvision.tasks.edges.head import EdgesHead
from mtvision.tasks.edges.loss import EdgesLoss
