"""Experiments: searches for loss weights, comparisons of methods."""

from mtvision.experiments.comparing.compare import compare
from mtvision.experiments.comparing.comparison import Comparison
from mtvision.experiments.comparing.single_task import single_task
from mtvision.experiments.searching.read_search import load_search
from mtvision.experiments.searching.search import search
from mtvision.experiments.searching.search_result import SearchResult
from mtvision.experiments.spaces.loss_weights import LossWeights
from mtvision.experiments.spaces.method import Method
from mtvision.experiments.spaces.one_of import OneOf
from mtvision.experiments.spaces.simplex_weights import SimplexWeights
