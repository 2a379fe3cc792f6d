import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from mtvision.layers import UnitLength


def test_is_a_proper_layer():
    x = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    outputs = check_layer(UnitLength, {}, x)
    expected = x / np.linalg.norm(x, axis=-1, keepdims=True)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pytest.mark.parametrize("length", [0.0, 1e-20, 1e-6])
def test_gradients_of_short_vectors_stay_in_bounds(length):
    x = np.float32([[length, 0, 0]])
    assert to_numpy(UnitLength()(x))[0, 0] == pytest.approx(1000 * length)
    slope = gradient(UnitLength(), x)
    np.testing.assert_allclose(slope, 1000.0, rtol=1e-5)
