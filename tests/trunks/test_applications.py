"""Every network of `keras.applications` that mtvision offers as a trunk."""

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision import trunks

NETWORKS = {
    "VGG16": (keras.applications.vgg16, (256, 512, 512, 512)),
    "ResNet50": (keras.applications.resnet, (256, 512, 1024, 2048)),
    "ResNet101": (keras.applications.resnet, (256, 512, 1024, 2048)),
    "InceptionV3": (keras.applications.inception_v3, (192, 288, 768, 2048)),
    "InceptionResNetV2": (
        keras.applications.inception_resnet_v2,
        (192, 320, 1088, 1536),
    ),
    "MobileNetV2": (keras.applications.mobilenet_v2, (24, 32, 96, 1280)),
    "MobileNetV3Small": (keras.applications.mobilenet_v3, (16, 24, 48, 576)),
    "MobileNetV3Large": (keras.applications.mobilenet_v3, (24, 40, 112, 960)),
}
UNPADDED = ("InceptionV3", "InceptionResNetV2")


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    """Name and trunk, built once for all tests: the networks are large."""
    return request.param, getattr(trunks, request.param)()


def test_levels(network):
    name, trunk = network
    shapes = trunk.compute_output_shape((None, 128, 128, 3))
    sizes = (28, 13, 6, 2) if name in UNPADDED else (32, 16, 8, 4)
    assert list(shapes) == ["P2", "P3", "P4", "P5"]
    for level, size, channels in zip(shapes, sizes, NETWORKS[name][1]):
        assert tuple(shapes[level]) == (None, size, size, channels), level
    position = {id(x.output): k for k, x in enumerate(trunk.layers)}
    order = [position[id(x)] for x in trunk.output.values()]
    assert order == sorted(order)
    assert order[-1] == len(trunk.layers) - 1
    for size in [(101, 77), (333, 500)]:
        check_odd_size(trunk, size, slack=5 if name in UNPADDED else 1)


def check_odd_size(trunk, size, slack):
    shapes = trunk.compute_output_shape((None, *size, 3))
    for level, shape in shapes.items():
        for length, full in zip(shape[1:3], size):
            assert length >= 1
            assert abs(length - full / 2 ** int(level[1:])) <= slack


def test_preprocessing_is_the_networks_own(network):
    name, trunk = network
    convolution = next(
        layer
        for layer in trunk.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.ZeroPadding2D)
    )
    preprocessing = keras.Model(trunk.input, convolution.input)
    image = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3), "uint8")
    expected = NETWORKS[name][0].preprocess_input(image.astype("float32"))
    if name.startswith("MobileNetV3"):  # Keras put it into the network.
        expected = expected / 127.5 - 1
    result = to_numpy(preprocessing(image))
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_freezes_by_level(network):
    trunk = network[1]
    count = len(trunk.trainable_variables)
    trunk.freeze(until="P3")
    assert 0 < len(trunk.trainable_variables) < count
    deep = [layer for layer in trunk.layers if layer.trainable]
    assert deep == trunk.layers[-len(deep) :]
    assert len(trunk.unfreeze().trainable_variables) == count


def test_weights_from_a_file(tmp_path):
    """Of the bare network, in Keras' two formats, or of a trunk."""
    module = keras.applications.mobilenet_v2
    model = module.MobileNetV2(
        include_top=False, weights=None, input_shape=(None, None, 3)
    )
    model.save_weights(tmp_path / "network.weights.h5")
    model.save(tmp_path / "network.h5")
    trunk = trunks.MobileNetV2(weights=tmp_path / "network.weights.h5")
    trunk.save_weights(tmp_path / "trunk.weights.h5")
    image = np.random.default_rng(0).uniform(0, 255, (1, 33, 47, 3))
    fine = keras.Model(trunk.input, trunk.output["P2"])
    reference = keras.Model(model.input, model.get_layer("block_2_add").output)
    expected = to_numpy(reference(module.preprocess_input(image.copy())))
    np.testing.assert_allclose(to_numpy(fine(image)), expected, atol=1e-4)
    for name in ("network.h5", "trunk.weights.h5"):
        other = trunks.MobileNetV2(weights=str(tmp_path / name))
        for a, b in zip(model.weights, other.weights):
            np.testing.assert_array_equal(to_numpy(a), to_numpy(b))


def test_missing_file():
    with pytest.raises(ValueError, match="'imagnet', which is not a file"):
        trunks.VGG16(weights="imagnet")
    with pytest.raises(ValueError, match="None, 'imagenet' or the path"):
        trunks.VGG16(weights="/no/such/file.weights.h5")


def test_vgg_from_the_size_of_the_image_on():
    maps = trunks.VGG16(finest="P0", image_shape=(64, 96, 3)).output
    assert {k: x.shape[1:] for k, x in sorted(maps.items())} == {
        "P0": (64, 96, 64),
        "P1": (32, 48, 128),
        "P2": (16, 24, 256),
        "P3": (8, 12, 512),
        "P4": (4, 6, 512),
        "P5": (2, 3, 512),
    }
    with pytest.raises(ValueError, match="received 'P5'"):
        trunks.VGG16(finest="P5")


@pytest.mark.parametrize("shape", [(3, 64, 64), (64, 64, 1), (64, 64)])
def test_bad_image_shape(shape):
    with pytest.raises(ValueError, match="received"):
        trunks.MobileNetV2(image_shape=shape)


def test_too_small_an_image():
    with pytest.raises(ValueError, match="at least 75x75"):
        trunks.InceptionV3(image_shape=(64, 64, 3))
