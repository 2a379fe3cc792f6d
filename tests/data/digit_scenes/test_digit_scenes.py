import subprocess
import sys
import zlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

import mtvision.data
from mtvision.data.digit_scenes.digit_scenes import (
    DigitScenes,
    compose_scene,
    load_digit_scenes,
)
from mtvision.data.digit_scenes.digit_scenes_config import DigitScenesConfig

SMALL = {"image_size": 48, "empty": 0.3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("digit_scenes")


@pytest.fixture(scope="module")
def source(folder):
    return load_digit_scenes("train", num_images=12, data_dir=folder, **SMALL)


def assert_same(sample, other):
    assert set(sample) == set(other)
    for name, value in sample.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
        if not isinstance(value, str):
            assert value.dtype == other[name].dtype, name
            assert value.shape == other[name].shape, name


def test_a_source_gives_the_composed_scenes_in_order(source):
    config = DigitScenesConfig(train=12, validation=0, test=0, **SMALL)
    assert len(source) == 12
    for index, sample in enumerate(source):
        assert_same(sample, compose_scene("train", index, config))
    counts = [sample["count"] for sample in source]
    assert min(counts) == 0 < max(counts)


def test_phrases_have_words(source):
    vocabulary = mtvision.data.Vocabulary(source.classes["phrases"])
    sample = next(sample for sample in source if sample["count"])
    text = vocabulary.decode(sample["phrases"])[0]
    assert text.split()[-1] in "0123456789"
    assert text in sample["caption"] or " behind " in text


def test_random_access(source):
    assert_same(source[-1], source[11])
    with pytest.raises(IndexError):
        source[12]


def test_data_are_prepared_once(source, folder, monkeypatch):
    def refuse(*args):
        raise AssertionError

    monkeypatch.setattr(DigitScenes, "_generate_examples", refuse)
    again = load_digit_scenes(
        "train",
        num_images=12,
        data_dir=folder,
        fields=["image", "label"],
        **SMALL,
    )
    assert set(again[3]) == {"image", "label"}
    np.testing.assert_array_equal(again[3]["image"], source[3]["image"])


def test_data_that_another_process_makes_meanwhile(tmp_path, monkeypatch):
    make = DigitScenes._generate_examples

    def make_after_the_other(self, split):
        monkeypatch.setattr(DigitScenes, "_generate_examples", make)
        load_digit_scenes("test", num_images=2, data_dir=tmp_path)
        yield from make(self, split)

    monkeypatch.setattr(DigitScenes, "_generate_examples", make_after_the_other)
    source = load_digit_scenes("test", num_images=2, data_dir=tmp_path)
    assert len(source) == 2


def test_tfds_loads_it_by_name(tmp_path):
    config = DigitScenesConfig(train=4, validation=2, test=3, **SMALL)
    builder = DigitScenes(config=config, data_dir=tmp_path)
    builder.download_and_prepare()
    assert builder.info.splits["test"].num_examples == 3
    dataset = tfds.load(
        f"digit_scenes/{config.name}", split="validation", data_dir=tmp_path
    )
    example = list(tfds.as_numpy(dataset))[1]
    scene = compose_scene("validation", 1, config)
    np.testing.assert_array_equal(example["image"], scene["image"])
    np.testing.assert_array_equal(example["boxes"], scene["boxes"])
    np.testing.assert_array_equal(example["masks"], scene["masks"])
    # TFRecord files are read as well.
    source = mtvision.data.from_tfds(builder, "train")
    assert_same(source[3], compose_scene("train", 3, config))


def test_data_prepared_as_tfrecord_are_read_as_they_are(tmp_path):
    config = DigitScenesConfig(train=0, validation=0, test=2, image_size=32)
    DigitScenes(config=config, data_dir=tmp_path).download_and_prepare()
    source = load_digit_scenes(
        "test", num_images=2, image_size=32, data_dir=tmp_path
    )
    assert_same(source[1], compose_scene("test", 1, config))


def test_seed_split_and_index_decide_every_byte():
    # Other bytes are another data set: they need another VERSION.
    scene = compose_scene("train", 7, DigitScenesConfig(seed=3))
    assert scene["caption"] == (
        "a large orange 1 above a medium white 3 and a medium blue 0"
    )
    assert zlib.crc32(scene["image"].tobytes()) == 75493526


def test_seeds_and_splits_differ():
    images = [
        compose_scene(split, 0, DigitScenesConfig(seed=seed))["image"]
        for split in ("train", "validation", "test")
        for seed in (0, 1)
    ]
    assert len({image.tobytes() for image in images}) == 6


def test_no_two_variants_share_a_folder():
    variants = [
        DigitScenesConfig(),
        DigitScenesConfig(image_size=96),
        DigitScenesConfig(train=1),
        DigitScenesConfig(validation=1),
        DigitScenesConfig(test=1),
        DigitScenesConfig(min_digits=2),
        DigitScenesConfig(max_digits=2),
        DigitScenesConfig(empty=0.2),
        DigitScenesConfig(strokes=0),
        DigitScenesConfig(seed=1),
    ]
    assert len({variant.name for variant in variants}) == len(variants)


@pytest.mark.parametrize(
    "options",
    [
        {"image_size": 16},
        {"train": -1},
        {"train": 0, "validation": 0, "test": 0},
        {"min_digits": 5},
        {"max_digits": 9},
        {"empty": 1.5},
        {"strokes": -1},
        {"seed": -1},
    ],
)
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match="Expected .* received"):
        DigitScenesConfig(**options)


def test_an_unknown_split_raises(folder):
    with pytest.raises(ValueError, match="'train', 'validation', 'test'"):
        load_digit_scenes("training", data_dir=folder)


def test_importing_the_room_imports_nothing_heavy():
    code = (
        "import sys, keras; before = set(sys.modules); import mtvision.data;"
        "print(set(sys.modules) - before)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    for module in ("tensorflow_datasets", "PIL", "sklearn"):
        assert f"'{module}'" not in output
