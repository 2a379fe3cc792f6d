import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import RegionTrunk

RNG = np.random.default_rng(0)
PICTURES = RNG.uniform(0, 255, (2, 3, 32, 32, 3)).astype("float32")


def trunk():
    return mtv.trunks.SmallResNet((4, 4, 6, 8))


def test_layer():
    arguments = {"trunk": trunk(), "level": "P3"}
    # It maps what it is given to a range around 0.
    maps = check_layer(RegionTrunk, arguments, PICTURES)
    assert maps.shape == (2, 3, 4, 4, 4)


def test_each_picture_as_the_trunk_alone_sees_it():
    own = trunk()
    maps = to_numpy(RegionTrunk(own, level="P4")(PICTURES))
    for image in range(2):
        alone = to_numpy(own(PICTURES[image])["P4"])
        np.testing.assert_allclose(maps[image], alone, atol=1e-5)


def test_any_number_of_pictures():
    pictures = keras.Input((None, 32, 32, 3))
    model = keras.Model(pictures, RegionTrunk(trunk())(pictures))
    assert model.output.shape == (None, None, 1, 1, 8)
    for number in (1, 3):
        found = model.predict_on_batch(PICTURES[:, :number])
        assert found.shape == (2, number, 1, 1, 8)


def test_padding_is_not_in_the_statistics():
    """Five pictures in 15 rows: as if each came three times."""
    own = trunk()
    pictures = np.full((3, 5, 32, 32, 3), 1e3, "float32")
    regions = np.zeros((3, 5, 4), "float32")
    rows = [0, 1, 1, 1, 2], [3, 0, 2, 4, 1]
    pictures[rows] = PICTURES.reshape(6, 32, 32, 3)[:5]
    regions[rows] = [2, 2, 8, 9]
    inputs = [keras.Input(x.shape[1:]) for x in (pictures, regions)]
    model = keras.Model(inputs, RegionTrunk(own, level="P3")(*inputs))
    found = to_numpy(model([pictures, regions], training=True))
    alone = to_numpy(own(pictures[rows], training=True)["P3"])
    np.testing.assert_allclose(found[rows], alone, atol=1e-4)


def test_a_layer_that_is_no_model():
    """It is built when its first pictures come, and gives a map alone."""
    layer = RegionTrunk(keras.layers.Conv2D(2, 3, strides=4))
    assert to_numpy(layer(PICTURES)).shape == (2, 3, 8, 8, 2)
    assert len(layer.trainable_variables) == 2


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="fixed size"):
        RegionTrunk(trunk())(keras.Input((3, None, None, 3)))
    with pytest.raises(ValueError, match="'P9'"):
        RegionTrunk(trunk(), level="P9")(PICTURES)
