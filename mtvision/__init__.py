"""One convolutional model, many vision tasks, trained by Keras' `fit`."""

from mtvision import (
    balancing,
    data,
    layers,
    losses,
    metrics,
    models,
    necks,
    ops,
    plotting,
    tasks,
    training,
    trunks,
)
from mtvision.training import MultiTaskModel

__version__ = "0.1.0"
