import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import CaffePreprocessing, Trunk, from_layers

IMAGE = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3))
IMAGE = IMAGE.astype("float32")
LEVELS = {"P2": "relu2", "P3": "join3"}


def branching_model(size=None):
    x = image = keras.Input((size, size, 3), name="pixels")
    for k in (1, 2, 3):
        x = keras.layers.Conv2D(
            4, 3, strides=2, padding="same", name=f"conv{k}"
        )(x)
        x = keras.layers.BatchNormalization(name=f"norm{k}")(x)
        x = keras.layers.ReLU(name=f"relu{k}")(x)
    side = keras.layers.Conv2D(4, 1, name="side3")(x)
    x = keras.layers.Add(name="join3")([side, x])
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, pooled, name="branching")


def assert_close(a, b):
    for x, y in zip(keras.tree.flatten(a), keras.tree.flatten(b)):
        np.testing.assert_allclose(to_numpy(x), to_numpy(y), atol=1e-5)


def inner_outputs(model):
    return keras.Model(
        model.input, {k: model.get_layer(v).output for k, v in LEVELS.items()}
    )


@pytest.mark.parametrize("size", [None, 64])
def test_names_of_layers(size):
    model = branching_model(size)
    trunk = from_layers(model, LEVELS, name="mine")
    assert isinstance(trunk, Trunk)
    assert trunk.name == "mine"
    assert_close(trunk(IMAGE), inner_outputs(model)(IMAGE))


@pytest.mark.parametrize("kind", ["layer", "model"])
def test_preprocessing(kind, tmp_path):
    model, preprocessing = branching_model(), CaffePreprocessing()
    if kind == "model":
        preprocessing = keras.Sequential([preprocessing])
    trunk = from_layers(model, LEVELS, preprocessing=preprocessing)
    expected = inner_outputs(model)(CaffePreprocessing()(IMAGE))
    assert_close(trunk(IMAGE), expected)
    trunk.save(tmp_path / "trunk.keras")
    loaded = keras.saving.load_model(tmp_path / "trunk.keras", safe_mode=True)
    assert_close(loaded(IMAGE), expected)


@pytest.mark.parametrize("preprocessing", [None, CaffePreprocessing()])
def test_freezes_by_level_and_by_name(preprocessing, tmp_path):
    model = branching_model()
    trunk = from_layers(model, LEVELS, preprocessing=preprocessing)
    trunk.freeze(until="P2")
    assert not model.get_layer("relu2").trainable
    assert model.get_layer("conv3").trainable
    trunk.freeze(until="norm3")
    assert not model.get_layer("norm3").trainable
    assert model.get_layer("side3").trainable
    trunk.save(tmp_path / "trunk.keras")
    loaded = keras.saving.load_model(tmp_path / "trunk.keras", safe_mode=True)
    assert not loaded.get_layer("norm3").trainable
    assert len(loaded.trainable_variables) == 2


def test_shares_the_weights():
    model = branching_model()
    trunk = from_layers(model, LEVELS)
    assert trunk.get_layer("conv1") is model.get_layer("conv1")


def test_sequential():
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(2, 4, strides=4, name="patches"),
            keras.layers.Conv2D(2, 2, strides=2, name="merged"),
        ]
    )
    trunk = from_layers(
        model,
        {"P2": "patches", "P3": "merged"},
        preprocessing=keras.layers.Rescaling(1 / 255),
    )
    assert_close(trunk(IMAGE)["P3"], model(IMAGE / 255))


def test_unknown_layer():
    with pytest.raises(ValueError, match=r"for P2, received 'rleu2'.*relu2"):
        from_layers(branching_model(), {"P2": "rleu2"})


@pytest.mark.parametrize("levels", [{"C2": "relu2"}, {"P8": "relu2"}, {}])
def test_unknown_level(levels):
    with pytest.raises(ValueError, match="levels"):
        from_layers(branching_model(), levels)


@pytest.mark.parametrize("size", [None, 64])
def test_wrong_stride(size):
    with pytest.raises(ValueError, match="P4 to have stride 16"):
        from_layers(branching_model(size), {"P4": "join3"})


def test_not_a_feature_map():
    with pytest.raises(ValueError, match="before the pooling"):
        from_layers(branching_model(), {"P3": "pool"})


def test_several_inputs():
    a, b = keras.Input((8, 8, 3), name="a"), keras.Input((8, 8, 3), name="b")
    model = keras.Model([a, b], keras.layers.Add(name="sum")([a, b]))
    with pytest.raises(ValueError, match=r"with 2: \['a', 'b'\]"):
        from_layers(model, {"P1": "sum"})


def test_no_graph():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="functional model"):
        from_layers(Subclassed(), LEVELS)


def test_not_an_rgb_image():
    image = keras.Input((3, 64, 64))
    model = keras.Model(image, keras.layers.ReLU(name="relu")(image))
    with pytest.raises(ValueError, match="Move the channels last"):
        from_layers(model, {"P1": "relu"})


@pytest.fixture(scope="module")
def hub_backbone():
    """A ResNet of keras-hub, tiny and random."""
    models = pytest.importorskip("keras_hub").models
    return models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 8, 8, 8],
        stackwise_num_blocks=[1, 1, 1, 1],
        stackwise_num_strides=[1, 2, 2, 2],
        block_type="basic_block",
        image_shape=(None, None, 3),
    )


def test_keras_hub_by_names(hub_backbone):
    levels = {f"P{k + 2}": f"stack{k}_block0_out" for k in range(4)}
    names = [layer.name for layer in hub_backbone.layers]
    assert set(levels.values()) <= set(names), names
    trunk = from_layers(
        hub_backbone, levels, preprocessing=keras.layers.Rescaling(1 / 255)
    )
    shapes = {k: tuple(x.shape) for k, x in trunk(IMAGE).items()}
    assert shapes["P2"] == (2, 16, 16, 64)
    assert shapes["P5"] == (2, 2, 2, 8)
    trunk.freeze(until="P5")
    assert trunk.trainable_variables == []


def test_keras_hub_by_its_pyramid(hub_backbone):
    trunk = Trunk(hub_backbone.input, hub_backbone.pyramid_outputs)
    assert set(trunk(IMAGE)) == {"P2", "P3", "P4", "P5"}


def test_keras_cv_by_its_levels():
    models = pytest.importorskip("keras_cv").models
    backbone = models.ResNetV2Backbone(
        stackwise_filters=[4, 4, 8, 8],
        stackwise_blocks=[2, 2, 2, 2],
        stackwise_strides=[1, 2, 2, 2],
        include_rescaling=True,
        input_shape=(None, None, 3),
    )
    trunk = from_layers(
        backbone,
        {k: backbone.pyramid_level_inputs[k] for k in ("P2", "P3", "P4", "P5")},
    )
    shapes = {k: tuple(x.shape[1:3]) for k, x in trunk(IMAGE).items()}
    assert shapes == {"P2": (16, 16), "P3": (8, 8), "P4": (4, 4), "P5": (2, 2)}
    before = len(trunk.trainable_variables)
    assert 0 < len(trunk.freeze(until="P4").trainable_variables) < before
