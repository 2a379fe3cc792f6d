import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.trunks import ContractingPath


def test_levels_from_the_size_of_the_image_on():
    trunk = ContractingPath((4, 5, 6, 7), depth=1, normalization=False)
    image = np.random.default_rng(0).uniform(0, 255, (2, 21, 34, 3))
    maps = trunk(image.astype("float32"))
    assert {k: tuple(x.shape) for k, x in maps.items()} == {
        "P0": (2, 21, 34, 4),
        "P1": (2, 11, 17, 5),
        "P2": (2, 6, 9, 6),
        "P3": (2, 3, 5, 7),
    }
    # One kernel and one bias for each level.
    assert len(trunk.weights) == 8


def test_pooling_takes_the_largest():
    """Level P1 sees the map P0 at half of its size."""
    trunk = ContractingPath((3, 3), depth=1, normalization=False)
    for layer in trunk.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel = np.zeros((3, 3, 3, 3), "float32")
            kernel[1, 1] = np.eye(3)
            layer.set_weights([kernel, np.zeros(3, "float32")])
    image = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 3))
    maps = trunk(image.astype("float32"))
    p0, p1 = to_numpy(maps["P0"]), to_numpy(maps["P1"])
    largest = p0.reshape(1, 4, 2, 4, 2, 3).max(axis=(2, 4))
    np.testing.assert_allclose(p1, largest, rtol=1e-6)


def test_weights_from_a_file(tmp_path):
    first, path = ContractingPath((4, 4)), tmp_path / "path.weights.h5"
    first.save_weights(path)
    second = ContractingPath((4, 4), weights=path)
    for a, b in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_wrong_filters_are_an_error():
    with pytest.raises(ValueError, match="one for each level"):
        ContractingPath(64)
    with pytest.raises(ValueError, match="filters"):
        ContractingPath((4, 0))
    with pytest.raises(ValueError, match="depth"):
        ContractingPath((4, 4), depth=0)
