import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import LocallyConnected2D

RNG = np.random.default_rng(0)


def random(*shape):
    return RNG.normal(size=shape).astype("float32")


def test_layer():
    y = check_layer(
        LocallyConnected2D,
        {
            "filters": 4,
            "kernel_size": (3, 2),
            "strides": (2, 3),
            "activation": "tanh",
            "use_bias": False,
            "kernel_initializer": keras.initializers.HeNormal(seed=0),
            "bias_initializer": keras.initializers.Ones(),
            "kernel_regularizer": keras.regularizers.L2(0.1),
            "bias_regularizer": keras.regularizers.L1(0.2),
            "kernel_constraint": keras.constraints.NonNeg(),
            "bias_constraint": keras.constraints.UnitNorm(),
        },
        random(2, 7, 8, 3),
    )
    assert y.shape == (2, 3, 3, 4)


def test_it_is_a_convolution_where_all_kernels_are_the_same():
    x = random(2, 7, 8, 3)
    layer = LocallyConnected2D(4, (3, 2), strides=(2, 1))
    convolution = keras.layers.Conv2D(4, (3, 2), strides=(2, 1))
    expected = to_numpy(convolution(x))
    layer(x)
    kernel = convolution.get_weights()[0].reshape(1, -1, 4)
    bias = random(*expected.shape[1:])
    layer.set_weights([np.repeat(kernel, 3 * 7, axis=0), bias])
    np.testing.assert_allclose(to_numpy(layer(x)), expected + bias, atol=1e-5)


def test_each_pixel_has_a_kernel_of_its_own():
    x = random(2, 4, 5, 3)
    layer = LocallyConnected2D(2, 2, use_bias=False)
    found = to_numpy(layer(x))
    (kernels,) = layer.get_weights()
    for row, column in np.ndindex(3, 4):
        window = x[:, row : row + 2, column : column + 2].reshape(2, -1)
        expected = window @ kernels[4 * row + column]
        np.testing.assert_allclose(found[:, row, column], expected, atol=1e-5)


def test_the_initializer_sees_the_inputs_of_one_window():
    layer = LocallyConnected2D(8, 5)
    layer.build((None, 24, 24, 16))
    spread = layer.get_weights()[0].std()
    np.testing.assert_allclose(spread, (5 * 5 * 16) ** -0.5, rtol=0.02)


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="known size"):
        LocallyConnected2D(4, 3)(keras.Input((None, 8, 3)))
    with pytest.raises(ValueError, match="expected ndim=4"):
        LocallyConnected2D(4, 3)(keras.Input((8, 3)))
    with pytest.raises(ValueError, match="as large as a window"):
        LocallyConnected2D(4, 9)(keras.Input((8, 8, 3)))
    with pytest.raises(ValueError, match="filters"):
        LocallyConnected2D(0, 3)
