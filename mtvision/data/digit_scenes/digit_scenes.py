"""The built-in data set: handwritten digits composed into scenes.

Importing this module makes `tfds.load("digit_scenes")` work.
"""

import io
import logging

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from mtvision.data.digit_scenes.digit_scans import SPLITS, load_digit_scans
from mtvision.data.digit_scenes.digit_scenes_config import DigitScenesConfig
from mtvision.data.digit_scenes.scene_composition import (
    LONGEST,
    PHRASES,
    compose,
)
from mtvision.data.readers.tfds_source import from_tfds

DIGITS = [str(digit) for digit in range(10)]


class DigitScenes(tfds.core.GeneratorBasedBuilder):
    """Builder of `digit_scenes`; it downloads nothing.

    Its features are the standard fields of a sample, as
    `mtvision.data.compose_scene` describes them. Example `i` of a split is a
    pure function of the seed, the split and `i`.

    Example:

    >>> DigitScenes.BUILDER_CONFIGS[0].image_size
    64
    """

    VERSION = tfds.core.Version("1.3.0")
    BUILDER_CONFIGS = (DigitScenesConfig(name="64px"),)

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Handwritten digits composed on textured canvases.",
            features=_features(self.builder_config.image_size),
            # Example i stays at place i.
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager
        return {
            split: self._generate_examples(split)
            for split in SPLITS
            if getattr(self.builder_config, split)
        }

    def _generate_examples(self, split):
        config = self.builder_config
        for index in range(getattr(config, split)):
            yield index, _encode(compose_scene(split, index, config))


def load_digit_scenes(
    split,
    *,
    num_images=None,
    image_size=64,
    min_digits=1,
    max_digits=4,
    empty=0.1,
    strokes=3,
    seed=0,
    fields=None,
    data_dir=None,
):
    """Prepares one split of `digit_scenes`, once, and opens it.

    Nothing is downloaded: the images are made, some 3 ms each, and kept in
    `data_dir`. No scan of a digit is in two splits.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_images: Number of images; by default 5000 for training, 1000 for
            each other split.
        image_size: Side of the images (H = W), pixels.
        min_digits: Fewest digits of a scene that is not empty.
        max_digits: Most digits of a scene.
        empty: Probability of a scene without a digit.
        strokes: Most thin lines that distract on a canvas.
        seed: Integer; with the split and the place it decides each image.
        fields: Names of the fields to read; by default all.
        data_dir: Folder of tfds' data sets; by default that of tfds.

    Returns:
        A source of samples with the standard fields, see
        `scene_composition.compose`; sample `i` is
        `compose_scene(split, i, config)`. Its `classes["phrases"]` are the
        words of `mtvision.data.Vocabulary`.

    Raises:
        ValueError: If an option is out of its range or a name is unknown.

    Example:

    >>> source = load_digit_scenes("test", num_images=8)  # doctest: +SKIP
    >>> source[1]["image"].shape  # doctest: +SKIP
    (64, 64, 3)
    """
    load_digit_scans(split)
    numbers = dict.fromkeys(SPLITS, 0)
    standard = getattr(DigitScenesConfig, split)
    numbers[split] = standard if num_images is None else num_images
    config = DigitScenesConfig(
        **numbers,
        image_size=image_size,
        min_digits=min_digits,
        max_digits=max_digits,
        empty=empty,
        strokes=strokes,
        seed=seed,
    )
    source = from_tfds(_prepared(config, data_dir), split, fields=fields)
    if "phrases" in source.fields:
        source.classes["phrases"] = PHRASES.words
    return source


def compose_scene(split, index, config):
    """Composes one scene of `digit_scenes`, without any file.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        index: Number of the scene in its split, 0 or more.
        config: A `DigitScenesConfig`.

    Returns:
        A dict of the standard fields, see `scene_composition.compose`.

    Raises:
        ValueError: If there is no such split.

    Example:

    >>> scene = compose_scene("test", 3, DigitScenesConfig(image_size=48))
    >>> scene["image"].shape
    (48, 48, 3)
    """
    scans, labels = load_digit_scans(split)
    return compose(
        scans,
        labels,
        np.random.default_rng([config.seed, SPLITS.index(split), index]),
        image_size=config.image_size,
        min_digits=config.min_digits,
        max_digits=config.max_digits,
        empty=config.empty,
        strokes=config.strokes,
    )


def _prepared(config, data_dir):
    """The builder of data that it, or another process meanwhile, has made."""
    builder = _builder(config, data_dir)
    try:
        builder.download_and_prepare(file_format="array_record")
    except FileExistsError:
        builder = _builder(config, data_dir)
        builder.download_and_prepare(file_format="array_record")
    return builder


def _builder(config, data_dir):
    """Without a warning of each configuration that is not the default one."""
    logger = logging.getLogger("absl")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return DigitScenes(config=config, data_dir=data_dir)
    finally:
        logger.setLevel(before)


def _features(size):
    features = tfds.features
    boxes = features.Tensor(shape=(None, 4), dtype=np.float32)
    digit = features.ClassLabel(names=DIGITS)
    masks = features.Tensor(
        shape=(None, size, size), dtype=np.uint8, encoding="zlib"
    )
    semantic = features.LabeledImage(
        labels=["background", *DIGITS], shape=(size, size, 1)
    )
    depth = features.Tensor(
        shape=(size, size), dtype=np.float32, encoding="zlib"
    )
    return features.FeaturesDict(
        {
            "image": features.Image(shape=(size, size, 3)),
            "boxes": boxes,
            "classes": features.Sequence(digit),
            "masks": masks,
            "semantic": semantic,
            "keypoints": features.Tensor(shape=(None, 4, 3), dtype=np.float32),
            "depth": depth,
            "count": np.int32,
            "caption": features.Text(),
            "phrases": features.Tensor(shape=(None, LONGEST), dtype=np.int32),
            "label": digit,
            "present": np.float32,
            "box": features.Tensor(shape=(4,), dtype=np.float32),
            "mask": features.Image(shape=(size, size, 1)),
        }
    )


def _encode(scene):
    """Images as PNG files: tfds would start TensorFlow to compress them."""
    pictures = {name: _png(scene[name]) for name in ("image", "mask")}
    return {**scene, **pictures, "semantic": _png(scene["semantic"])}


def _png(array):
    file = io.BytesIO()
    picture = Image.fromarray(array.astype("uint8"))
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()
