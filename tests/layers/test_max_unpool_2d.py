import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers import MaxPoolWithArgmax2D, MaxUnpool2D

RNG = np.random.default_rng(0)


def pooled(x, **options):
    return tuple(to_numpy(y) for y in MaxPoolWithArgmax2D(**options)(x))


def test_layer():
    x = RNG.uniform(1, 2, size=(2, 9, 12, 3)).astype("float32")
    windows = {"pool_size": (3, 2), "strides": (2, 3), "padding": (1, 1)}
    values, indices = pooled(x, **windows)
    enlarged = check_layer(
        MaxUnpool2D, {**windows, "output_size": (9, 12)}, [values, indices]
    )
    filled = enlarged != 0
    np.testing.assert_array_equal(enlarged[filled], x[filled])
    assert enlarged.shape == x.shape


def test_the_size_of_a_reference():
    x = RNG.uniform(1, 2, size=(2, 9, 7, 3)).astype("float32")
    layer = MaxUnpool2D()
    inputs = tuple(map(keras.ops.convert_to_tensor, pooled(x)))
    enlarged = to_numpy(layer(inputs, keras.ops.convert_to_tensor(x)))
    assert enlarged.shape == x.shape
    expected = x[:, :8, :6].reshape(2, 4, 2, 3, 2, 3).max((2, 4))
    found = enlarged[:, :8, :6].reshape(2, 4, 2, 3, 2, 3)
    np.testing.assert_array_equal(found.max((2, 4)), expected)
    np.testing.assert_array_equal(found.sum((2, 4)), expected)


def segnet(height, width):
    x = keras.Input((height, width, 3))
    y = keras.layers.Conv2D(4, 3, padding="same")(x)
    values, indices = MaxPoolWithArgmax2D()(y)
    z = keras.layers.Conv2D(4, 3, padding="same")(values)
    z = MaxUnpool2D()((z, indices), y)
    return keras.Model(x, keras.layers.Conv2D(1, 3, padding="same")(z))


@pytest.mark.parametrize("size", [(9, 7), (None, None)])
def test_an_encoder_and_decoder_of_any_size_trains_and_is_saved(size, tmp_path):
    model = segnet(*size)
    assert model.output.shape == (None, *size, 1)
    x = RNG.normal(size=(4, 9, 7, 3)).astype("float32")
    y = RNG.normal(size=(4, 9, 7, 1)).astype("float32")
    model.compile("sgd", "mse")
    losses = model.fit(x, y, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "segnet.keras")
    loaded = keras.saving.load_model(tmp_path / "segnet.keras")
    np.testing.assert_allclose(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-5
    )


def test_bad_input_is_refused_when_the_graph_is_built():
    values = keras.Input((4, 4, 3))
    with pytest.raises(ValueError, match="same shape"):
        MaxUnpool2D()((values, keras.Input((4, 5, 3), dtype="int32")))
    with pytest.raises(ValueError, match=r"\(B, h, w, C\)"):
        MaxUnpool2D()((keras.Input((4, 3)),) * 2)
    with pytest.raises(ValueError, match="output_size"):
        MaxUnpool2D(output_size=3)
