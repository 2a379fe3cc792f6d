import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import TransposedConv1D, TransposedConv2D

RNG = np.random.default_rng(0)


def test_layer():
    x = RNG.normal(size=(2, 5, 3)).astype("float32")
    enlarged = check_layer(
        TransposedConv1D,
        {
            "filters": 4,
            "kernel_size": (3,),
            "strides": (2,),
            "padding": (1,),
            "output_padding": (1,),
            "dilation_rate": (2,),
            "activation": "tanh",
            "use_bias": False,
            "kernel_initializer": keras.initializers.HeNormal(seed=0),
            "bias_initializer": keras.initializers.Ones(),
            "kernel_regularizer": keras.regularizers.L2(0.1),
            "bias_regularizer": keras.regularizers.L1(0.2),
            "kernel_constraint": keras.constraints.NonNeg(),
            "bias_constraint": keras.constraints.UnitNorm(),
        },
        x,
    )
    assert enlarged.shape == (2, 12, 4)


def test_it_is_the_layer_of_maps_on_one_row():
    x = RNG.normal(size=(2, 5, 3)).astype("float32")
    one = TransposedConv1D(4, 3, strides=2, padding=1)
    two = TransposedConv2D(4, (1, 3), strides=(1, 2), padding=(0, 1))
    expected = two(x[:, None])
    one(x)
    kernel, bias = two.get_weights()
    one.set_weights([kernel[0], bias + 0.5])
    np.testing.assert_allclose(
        to_numpy(one(x)), to_numpy(expected)[:, 0] + 0.5, atol=1e-5
    )


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="expected ndim=3"):
        TransposedConv1D(2, 3)(keras.Input((4, 4, 3)))
    with pytest.raises(ValueError, match="strides"):
        TransposedConv1D(2, 3, strides=(1, 2))
