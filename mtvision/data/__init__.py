"""Data sets, and batches of them for `fit`."""

from mtvision.data.batches import Batches
from mtvision.data.cached import Cached
