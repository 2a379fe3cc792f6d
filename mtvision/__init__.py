"""One convolutional model, many vision tasks, trained by Keras' `fit`."""

import importlib
import sys

from mtvision.quiet_start import quiet_start

if sys.argv[:1] == ["-m"]:  # Python looks for mtvision.__main__
    with quiet_start():
        importlib.import_module("keras")

from mtvision import (
    balancing,
    data,
    experiments,
    layers,
    losses,
    metrics,
    models,
    necks,
    ops,
    plotting,
    recognition,
    tasks,
    training,
    trunks,
)
from mtvision.training import MultiTaskModel

del importlib, quiet_start, sys


def _hide_files(room):
    """Makes `dir` of a room list what it exports, not the files of it."""
    listed = vars(room).get("__dir__", lambda: sorted(vars(room)))
    room.__dir__ = lambda: [
        name
        for name in listed()
        if not isinstance(vars(room).get(name), type(room))
    ]


for _room in [each for each in vars().values() if isinstance(each, type(ops))]:
    _hide_files(_room)

__version__ = "0.1.0"
