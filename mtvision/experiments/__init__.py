"""Experiments: searches for loss weights, comparisons of methods."""

from mtvision.experiments.compare import compare
from mtvision.experiments.comparison import Comparison
from mtvision.experiments.loss_weights import LossWeights
from mtvision.experiments.method import Method
from mtvision.experiments.one_of import OneOf
from mtvision.experiments.read_search import load_search
from mtvision.experiments.search import search
from mtvision.experiments.search_result import SearchResult
from mtvision.experiments.simplex_weights import SimplexWeights
from mtvision.experiments.single_task import single_task
