"""Data sets, and batches of them for `fit`."""

import importlib

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.cutout import Cutout
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.large_scale_jitter import LargeScaleJitter
from mtvision.data.augmentation.mix_up import MixUp
from mtvision.data.augmentation.mosaic import Mosaic
from mtvision.data.augmentation.pixel_step import PixelStep
from mtvision.data.augmentation.random_crop import RandomCrop
from mtvision.data.augmentation.random_flip import RandomFlip
from mtvision.data.augmentation.random_hsv import RandomHSV
from mtvision.data.augmentation.random_rotation import RandomRotation
from mtvision.data.augmentation.random_scale import RandomScale
from mtvision.data.augmentation.random_translation import RandomTranslation
from mtvision.data.augmentation.sample_step import SampleStep
from mtvision.data.augmentation.warp_sample import warp_sample
from mtvision.data.batching.batches import Batches
from mtvision.data.batching.cached import Cached
from mtvision.data.batching.gather_truth import gather_truth
from mtvision.data.batching.shard import Shard
from mtvision.data.border_weights import border_weights
from mtvision.data.checking.check import check
from mtvision.data.crops.object_crops import ObjectCrops
from mtvision.data.derived_maps import edges_of_classes, normals_of_depth
from mtvision.data.made.clothing.second_hand_clothing import SecondHandClothing
from mtvision.data.made.drawn.drawn_faces import DrawnFaces
from mtvision.data.made.drawn.stick_figures import StickFigures
from mtvision.data.made.novels.novels import Novels
from mtvision.data.made.posts import Posts
from mtvision.data.made.volumes.synthetic_volumes import SyntheticVolumes
from mtvision.data.mixing.mix import mix
from mtvision.data.mixing.mixture import Mixture
from mtvision.data.mixing.translated import Translated
from mtvision.data.pairs.random_pairs import RandomPairs
from mtvision.data.proposals.edge_boxes import edge_boxes
from mtvision.data.proposals.selective_search import selective_search
from mtvision.data.proposals.with_proposals import WithProposals
from mtvision.data.readers.class_folders import ClassFolders
from mtvision.data.readers.coco_instances import CocoInstances
from mtvision.data.readers.coco_panoptic import CocoPanoptic
from mtvision.data.readers.depth_maps import DepthMaps
from mtvision.data.readers.folder import Folder
from mtvision.data.readers.identity_folders import IdentityFolders
from mtvision.data.readers.images import read_image, read_mask
from mtvision.data.readers.keypoint_table import KeypointTable
from mtvision.data.readers.verification_pairs import VerificationPairs
from mtvision.data.readers.voc import read_voc
from mtvision.data.readers.voc_detection import VocDetection
from mtvision.data.readers.yolo import Yolo
from mtvision.data.resizing import resize_sample
from mtvision.data.split import split
from mtvision.data.subset import Subset
from mtvision.data.vocabulary import Vocabulary
from mtvision.data.with_map import WithMap

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
