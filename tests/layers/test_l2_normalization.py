import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import L2Normalization


def test_is_a_proper_layer():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    outputs = check_layer(L2Normalization, {"scale": 3.0}, x)
    np.testing.assert_allclose(np.linalg.norm(outputs, axis=-1), 3.0, rtol=1e-5)
    expected = to_numpy(keras.ops.normalize(x, axis=-1)) * 3
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


def test_zeros_stay_zeros():
    assert not to_numpy(L2Normalization()(np.zeros((1, 2, 3)))).any()


def test_scale_is_positive():
    with pytest.raises(ValueError, match="scale"):
        L2Normalization(scale=0)
