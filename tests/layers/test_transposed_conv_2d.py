import keras
import numpy as np
import pytest
from keras import ops

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import BilinearKernel, TransposedConv2D
from mtvision.ops import resize_bilinear

RNG = np.random.default_rng(0)


def random(*shape):
    return RNG.normal(size=shape).astype("float32")


def test_layer():
    enlarged = check_layer(
        TransposedConv2D,
        {
            "filters": 4,
            "kernel_size": (3, 4),
            "strides": (2, 3),
            "padding": (1, 2),
            "output_padding": (1, 2),
            "dilation_rate": (2, 1),
            "activation": "tanh",
            "use_bias": False,
            "kernel_initializer": keras.initializers.HeNormal(seed=0),
            "bias_initializer": keras.initializers.Ones(),
            "kernel_regularizer": keras.regularizers.L2(0.1),
            "bias_regularizer": keras.regularizers.L1(0.2),
            "kernel_constraint": keras.constraints.NonNeg(),
            "bias_constraint": keras.constraints.UnitNorm(),
        },
        random(2, 5, 6, 3),
    )
    # (5 - 1) * 2 - 2 + 2 * 2 + 1 + 1; (6 - 1) * 3 - 4 + 3 + 2 + 1
    assert enlarged.shape == (2, 12, 17, 4)


def test_weights_of_keras_own_layer_fit():
    x = random(2, 5, 6, 3)
    arguments = {"filters": 4, "kernel_size": 3, "strides": 2}
    theirs = keras.layers.Conv2DTranspose(**arguments, activation="relu")
    ours = TransposedConv2D(**arguments, activation="relu")
    expected = to_numpy(theirs(x))
    ours(x)
    ours.set_weights([theirs.get_weights()[0], random(4)])
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(
        to_numpy(ours(x)), to_numpy(theirs(x)), atol=1e-5
    )
    assert ours(x).shape == expected.shape


def test_the_regulariser_is_counted():
    layer = TransposedConv2D(2, 2, kernel_regularizer=keras.regularizers.L2(1))
    layer(random(1, 3, 3, 1))
    expected = np.square(layer.get_weights()[0]).sum()
    np.testing.assert_allclose(float(layer.losses[0]), expected, rtol=1e-5)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
def test_the_bilinear_kernel_enlarges_bilinearly(factor):
    x = random(1, 6, 7, 2)
    layer = TransposedConv2D(
        2,
        2 * factor - factor % 2,
        strides=factor,
        padding=factor // 2,
        kernel_initializer=BilinearKernel(),
    )
    found = to_numpy(layer(x))
    expected = to_numpy(
        resize_bilinear(ops.convert_to_tensor(x), (6 * factor, 7 * factor))
    )
    assert found.shape == expected.shape
    inner = (slice(None), *[slice(factor, -factor)] * 2)
    np.testing.assert_allclose(found[inner], expected[inner], atol=1e-5)


def test_bad_input_is_refused_when_the_graph_is_built():
    x = keras.Input((4, 4, 3))
    with pytest.raises(ValueError, match="expected ndim=4"):
        TransposedConv2D(2, 3)(keras.Input((4, 3)))
    with pytest.raises(ValueError, match="filters"):
        TransposedConv2D(0, 3)
    with pytest.raises(ValueError, match="kernel_size"):
        TransposedConv2D(2, 0)
    with pytest.raises(ValueError, match="less than strides"):
        TransposedConv2D(2, 3, output_padding=1)
    with pytest.raises(ValueError, match="leaves pixels"):
        TransposedConv2D(2, 3, padding=3)(x)
    with pytest.raises(ValueError, match="as many filters as channels"):
        TransposedConv2D(2, 3, kernel_initializer=BilinearKernel())(x)
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels-last"):
            TransposedConv2D(2, 3)
    finally:
        keras.config.set_image_data_format("channels_last")
