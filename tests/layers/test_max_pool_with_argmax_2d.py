import keras
import numpy as np
import pytest

from batteries.layers import check_layer
from mtvision.layers import MaxPoolWithArgmax2D

RNG = np.random.default_rng(0)


def test_layer():
    x = RNG.normal(size=(2, 7, 9, 3)).astype("float32")
    values, indices = check_layer(
        MaxPoolWithArgmax2D,
        {
            "pool_size": (3, 2),
            "strides": (2, 3),
            "padding": (1, 1),
            "ceil_mode": True,
        },
        x,
    )
    assert values.shape == indices.shape == (2, 4, 4, 3)
    rows = x.reshape(2, 63, 3)
    pixels = indices.reshape(2, -1, 3)
    np.testing.assert_array_equal(
        np.take_along_axis(rows, pixels, axis=1), values.reshape(2, -1, 3)
    )


def test_values_are_those_of_keras_own_layer():
    x = RNG.normal(size=(2, 9, 8, 3)).astype("float32")
    expected = keras.layers.MaxPooling2D(2)(x)
    values, _ = MaxPoolWithArgmax2D()(x)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(values), keras.ops.convert_to_numpy(expected)
    )


def test_bad_input_is_refused_when_the_graph_is_built():
    with pytest.raises(ValueError, match="pool_size"):
        MaxPoolWithArgmax2D(0)
    with pytest.raises(ValueError, match="padding"):
        MaxPoolWithArgmax2D(2, padding=2)
    with pytest.raises(ValueError, match=r"\(B, H, W, C\)"):
        MaxPoolWithArgmax2D(2)(keras.Input((4, 3)))
    with pytest.raises(ValueError, match="as large as a window"):
        MaxPoolWithArgmax2D(5)(keras.Input((4, 4, 3)))
