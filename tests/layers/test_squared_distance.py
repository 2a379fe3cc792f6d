import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from batteries.layers import check_layer
from mtvision.layers import SquaredDistance


def test_layer():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4, 6)).astype("float32")
    found = check_layer(SquaredDistance, {}, (a, b))
    expected = np.diag(cdist(a, b, "sqeuclidean"))[:, None]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found.dtype == np.float32


def test_wrong_shapes():
    pairs = [((4, 6), (4, 5)), ((4, 6), (3, 6)), ((4, 2, 3), (4, 2, 3))]
    for pair in pairs:
        with pytest.raises(ValueError, match="shape"):
            SquaredDistance()(*map(keras.ops.ones, pair))
    inputs = keras.Input((6,)), keras.Input((1,))
    with pytest.raises(ValueError, match="same shape"):
        SquaredDistance()(*inputs)
