import keras
import numpy as np
import pytest
from keras import layers

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.models import UNet

FILTERS = (4, 8, 12)


def plain_unet(num_classes):
    """U-Net as one writes it by hand in Keras."""

    def block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        return x

    image = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    skips = []
    for number, filters in enumerate(FILTERS):
        x = block(layers.MaxPooling2D()(x) if number else x, filters)
        skips.append(x)
    for filters, skip in zip(FILTERS[-2::-1], skips[-2::-1]):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = block(layers.Concatenate()([x, skip]), filters)
    return keras.Model(image, layers.Conv2D(num_classes, 1)(x))


def test_it_is_the_unet_that_one_writes_by_hand():
    model = UNet(3, trunk=mtv.trunks.ContractingPath(FILTERS))
    plain = plain_unet(3)
    assert model.count_params() == plain.count_params()
    random = np.random.default_rng(0)
    # Sorted by what no order of creation can change: shape by shape.
    weights = [random.normal(0, 0.3, w.shape) for w in plain.get_weights()]
    weights = [abs(w) if w.ndim == 1 else w for w in weights]
    plain.set_weights(weights)
    order = _by_way(model)
    assert [w.shape for w in order] == [w.shape for w in plain.weights]
    for variable, value in zip(order, weights):
        variable.assign(value)
    image = random.uniform(0, 255, (2, 20, 16, 3)).astype("float32")
    expected = to_numpy(plain(image))
    found = to_numpy(model(image)["semantic"])
    np.testing.assert_allclose(
        found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max()
    )


def _by_way(model):
    """The weights in the order in which an image meets them."""
    trunk = model.get_layer("contracting_path")
    path, head = model.get_layer("path"), model.get_layer("semantic")
    found = list(trunk.weights)
    for level in ("P1", "P0"):
        found += path.enlargings[level].weights
        for convolution, normalize in path.blocks[level]:
            found += [*convolution.weights, *normalize.weights]
    return found + head.weights


@pytest.mark.parametrize("merge", ["add", None])
def test_other_ways_to_merge(merge):
    trunk = mtv.trunks.ContractingPath(FILTERS)
    model = UNet(2, trunk=trunk, merge=merge, dropout=0.5, depth=1)
    image = np.ones((1, 9, 7, 3), "float32")
    assert to_numpy(model(image)["semantic"]).shape == (1, 9, 7, 2)


def test_the_paper():
    """Five levels, 64 to 1024 channels, skips of each."""
    model = UNet(2, normalization=False)
    path = model.get_layer("path")
    kernels = [
        tuple(convolution.kernel.shape)
        for level in ("P3", "P2", "P1", "P0")
        for convolution, _ in path.blocks[level]
    ]
    assert kernels == [
        (3, 3, 1024, 512),
        (3, 3, 512, 512),
        (3, 3, 512, 256),
        (3, 3, 256, 256),
        (3, 3, 256, 128),
        (3, 3, 128, 128),
        (3, 3, 128, 64),
        (3, 3, 64, 64),
    ]
