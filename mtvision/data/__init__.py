"""Data sets, and batches of them for `fit`."""

import importlib

from mtvision.data.batches import Batches
from mtvision.data.cached import Cached
from mtvision.data.folder import Folder
from mtvision.data.gather_truth import gather_truth
from mtvision.data.images import read_image, read_mask
from mtvision.data.resizing import resize_sample
from mtvision.data.split import split
from mtvision.data.subset import Subset
from mtvision.data.voc import read_voc

# These need tensorflow-datasets, which takes a second to import.
_LAZY = {
    "DigitScenes": "digit_scenes",
    "DigitScenesConfig": "digit_scenes_config",
    "TfdsSource": "tfds_source",
    "compose_scene": "digit_scenes",
    "from_tfds": "tfds_source",
    "load_digit_scenes": "digit_scenes",
}


def __getattr__(name):
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_LAZY[name]}")
    return getattr(module, name)


def __dir__():
    return sorted({*globals(), *_LAZY})
