import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import ContractingPath, SmallResNet, Trunk

IMAGES = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3))
IMAGES = IMAGES.astype("float32")


def tiny_trunk():
    """A convolution and a BatchNorm for each level."""
    x = image = keras.Input((32, 32, 3), name="image")
    outputs = {}
    for level, strides in {"P2": 4, "P3": 2, "P4": 2, "P5": 2}.items():
        conv = keras.layers.Conv2D(2, strides, strides, name=f"{level}_conv")
        norm = keras.layers.BatchNormalization(name=f"{level}_norm")
        x = outputs[level] = norm(conv(x))
    return Trunk(image, outputs, name="tiny")


def nested(trunk):
    """The trunk inside an outer model, as every task model has it."""
    image = keras.Input((32, 32, 3))
    x = keras.layers.GlobalAveragePooling2D()(trunk(image)["P5"])
    model = keras.Model(image, keras.layers.Dense(1, name="head")(x))
    model.compile("sgd", "mse")
    return model


def state(trunk):
    return {
        layer.name: [to_numpy(w) for w in layer.weights]
        for layer in trunk.layers
        if layer.weights
    }


def changed(before, after):
    return {
        name
        for name in before
        if any((a != b).any() for a, b in zip(before[name], after[name]))
    }


def frozen(trunk):
    return [x.name for x in trunk.layers if x.weights and not x.trainable]


def test_freeze_until_a_level_freezes_all_behind_it():
    trunk = tiny_trunk()
    assert trunk.freeze(until="P3") is trunk
    assert frozen(trunk) == ["P2_conv", "P2_norm", "P3_conv", "P3_norm"]
    assert len(trunk.trainable_variables) == 8


def test_freeze_until_a_layer():
    trunk = tiny_trunk().freeze(until="P3_conv")
    assert frozen(trunk) == ["P2_conv", "P2_norm", "P3_conv"]


def test_freeze_all_and_unfreeze():
    trunk = tiny_trunk()
    assert trunk.freeze().trainable_variables == []
    assert trunk.unfreeze() is trunk
    assert frozen(trunk) == []
    trunk.freeze().unfreeze().freeze(until="P2")
    assert frozen(trunk) == ["P2_conv", "P2_norm"]


def test_freeze_proposes_close_names():
    with pytest.raises(ValueError, match="P2_norm"):
        tiny_trunk().freeze(until="P2_nrom")
    with pytest.raises(ValueError, match="'P5'"):
        tiny_trunk().freeze(until="P6")


@pytest.mark.parametrize("when", ["before", "after"])
def test_frozen_layers_keep_their_statistics_in_training(when):
    trunk = tiny_trunk()
    if when == "before":
        model = nested(trunk.freeze(until="P3"))
    else:
        model = nested(trunk)
        trunk.freeze(until="P3")
        model.compile("sgd", "mse")
    before = state(trunk)
    model.fit(IMAGES, np.ones((4, 1)), epochs=2, verbose=0)
    assert changed(before, state(trunk)) == {
        "P4_conv",
        "P4_norm",
        "P5_conv",
        "P5_norm",
    }


def test_frozen_batch_norm_ignores_training():
    trunk = tiny_trunk().freeze(until="P3")
    before = state(trunk)
    training = to_numpy(trunk(IMAGES, training=True))
    serving = to_numpy(trunk(IMAGES, training=False))
    np.testing.assert_allclose(training["P3"], serving["P3"], rtol=1e-4)
    assert np.abs(training["P5"] - serving["P5"]).max() > 1e-3
    assert changed(before, state(trunk)) == {"P4_norm", "P5_norm"}


def test_frozen_flags_survive_a_file(tmp_path):
    model = nested(tiny_trunk().freeze(until="P3"))
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.saving.load_model(path, safe_mode=True)
    trunk = loaded.get_layer("tiny")
    assert isinstance(trunk, Trunk)
    assert frozen(trunk) == frozen(model.get_layer("tiny"))
    np.testing.assert_allclose(
        loaded.predict(IMAGES, verbose=0),
        model.predict(IMAGES, verbose=0),
        atol=1e-5,
    )
    before = state(trunk)
    loaded.fit(IMAGES, np.ones((4, 1)), verbose=0)
    moved = changed(before, state(trunk))
    assert moved
    assert all(name[:2] in ("P4", "P5") for name in moved)


def test_wholly_frozen_trunk_survives_a_file_and_thaws(tmp_path):
    model = nested(tiny_trunk().freeze())
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    trunk = loaded.get_layer("tiny")
    assert len(loaded.trainable_variables) == 2
    assert len(frozen(trunk)) == 8
    assert len(trunk.unfreeze().trainable_variables) == 16


def test_clone_is_a_trunk():
    clone = keras.models.clone_model(tiny_trunk())
    assert isinstance(clone, Trunk)
    assert set(clone.output) == {"P2", "P3", "P4", "P5"}


def test_takes_bytes():
    trunk = tiny_trunk()
    image = keras.Input((32, 32, 3), dtype="uint8")
    outer = keras.Model(image, trunk(image))
    pixels = IMAGES.astype("uint8")
    expected = to_numpy(trunk(pixels.astype("float32")))["P5"]
    for model in (trunk, outer):
        result = to_numpy(model(pixels))["P5"]
        np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "remedy"),
    [
        ((3, 32, 32), "Move the channels last"),
        ((32, 32, 1), "RGB"),
        ((32, 32, 4), "RGB"),
    ],
)
def test_only_channels_last_rgb(shape, remedy):
    image = keras.Input(shape)
    with pytest.raises(ValueError, match=remedy):
        Trunk(image, {"P2": image})


def test_only_one_image():
    image = keras.Input((32, 32, 3))
    with pytest.raises(ValueError, match="one symbolic image"):
        Trunk([image, image], {"P1": image})


def test_channels_first_setting():
    image = keras.Input((32, 32, 3))
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels_first"):
            Trunk(image, {"P1": image})
        with pytest.raises(ValueError, match="channels_first"):
            SmallResNet()
    finally:
        keras.config.set_image_data_format("channels_last")


def test_levels_must_be_known_and_have_their_stride():
    image = keras.Input((64, 64, 3))
    x = keras.layers.Conv2D(2, 3, strides=8, padding="same")(image)
    with pytest.raises(ValueError, match="received \\['C3'\\]"):
        Trunk(image, {"C3": x})
    with pytest.raises(ValueError, match="Expected a dict"):
        Trunk(image, [x])
    with pytest.raises(ValueError, match="level P4 to have stride 16"):
        Trunk(image, {"P4": x})
    with pytest.raises(ValueError, match="feature map"):
        Trunk(image, {"P3": keras.layers.Flatten()(x)})
    assert Trunk(image, {"P3": x}).output["P3"] is x


def halved(padding):
    """A trunk of three poolings."""
    x = image = keras.Input((None, None, 3))
    for _ in range(3):
        x = keras.layers.MaxPooling2D(2, padding=padding)(x)
    return Trunk(image, {"P3": x}, name="halved")


@pytest.mark.parametrize("size", [(1, 1), (7, 7), (7, 300), (None, 7)])
def test_images_of_which_nothing_is_left(size):
    message = r"'halved' takes images of at least 8 x 8 pixels.*ContractingPath"
    with pytest.raises(ValueError, match=message):
        halved("valid")(keras.Input((*size, 3)))
    if None not in size:
        with pytest.raises(ValueError, match=message):
            halved("valid")(np.ones((1, *size, 3), "float32"))
    assert halved("same")(keras.Input((*size, 3)))["P3"].shape[2] is not None


def test_images_of_which_just_enough_is_left():
    found = halved("valid")(np.ones((1, 8, 15, 3), "float32"))["P3"]
    assert tuple(found.shape) == (1, 1, 1, 3)
    fixed = ContractingPath((2, 2), image_shape=(4, 4, 3))
    assert tuple(fixed(np.ones((1, 4, 4, 3)))["P1"].shape) == (1, 2, 2, 2)
