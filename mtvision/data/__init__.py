"""Data sets, and batches of them for `fit`."""

import importlib

from mtvision.data.batching.batches import Batches
from mtvision.data.batching.cached import Cached
from mtvision.data.batching.gather_truth import gather_truth
from mtvision.data.mixing.mix import mix
from mtvision.data.mixing.mixture import Mixture
from mtvision.data.mixing.translated import Translated
from mtvision.data.readers.folder import Folder
from mtvision.data.readers.images import read_image, read_mask
from mtvision.data.readers.voc import read_voc
from mtvision.data.resizing import resize_sample
from mtvision.data.split import split
from mtvision.data.subset import Subset

# These need tensorflow-datasets, which takes a second to import.
_LAZY = {
    "DigitScenes": "digit_scenes.digit_scenes",
    "DigitScenesConfig": "digit_scenes.digit_scenes_config",
    "TfdsSource": "readers.tfds_source",
    "compose_scene": "digit_scenes.digit_scenes",
    "from_tfds": "readers.tfds_source",
    "load_digit_scenes": "digit_scenes.digit_scenes",
}


def __getattr__(name):
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_LAZY[name]}")
    return getattr(module, name)


def __dir__():
    return sorted({*globals(), *_LAZY})
