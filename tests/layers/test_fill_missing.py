import keras
import numpy as np
import pytest

from batteries.backend import parameter_gradients, to_numpy
from batteries.layers import check_layer
from mtvision.layers import FillMissing


@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 4, 5)])
def test_layer(shape):
    features = np.random.default_rng(0).normal(size=shape).astype("float32")
    known = np.array([True, False])
    filled = check_layer(FillMissing, {}, (features, known))
    np.testing.assert_allclose(filled[0], features[0], atol=1e-6)
    assert not filled[1].any()


def test_the_vector_learns_from_what_is_missing_alone():
    features = keras.Input((2,))
    known = keras.Input((), dtype="bool")
    layer = FillMissing()
    model = keras.Model([features, known], layer(features, known))
    layer.set_weights([np.array([3.0, 4.0])])
    x = [np.ones((3, 2), "float32"), np.array([True, False, False])]
    assert to_numpy(model(x))[1:].tolist() == [[3, 4], [3, 4]]
    found = parameter_gradients(model, x, keras.ops.sum)
    (gradient,) = found.values()
    assert gradient.tolist() == [2, 2]
