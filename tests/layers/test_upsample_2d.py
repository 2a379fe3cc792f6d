import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision import ops
from mtvision.layers import MaxPoolWithArgmax2D, MaxUnpool2D, Upsample2D
from mtvision.layers.upsample_2d import METHODS


def maps(height, width, channels, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(2, height, width, channels)).astype("float32")


@pytest.mark.parametrize("method", ["nearest", "bed_of_nails", "transposed"])
def test_is_a_proper_layer(method):
    y = check_layer(
        Upsample2D,
        {"method": method, "filters": 5, "factor": 3},
        (maps(3, 2, 4), maps(8, 6, 5)),
        # Its size alone matters.
        without_gradient=(1,),
    )
    assert y.shape == (2, 8, 6, 5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(9, 8), (7, 5)])
def test_images_of_any_size(method, size):
    """One graph for sizes known at run time only; as with known ones."""
    if method == "transposed":
        pytest.skip("its weights are random: see the next test")
    coarse = [n // 2 for n in size]
    x, fine = maps(*coarse, 4), maps(*size, 4)
    layer = Upsample2D(method)
    inputs = [keras.Input((None, None, 4)) for _ in range(2)]
    model = keras.Model(inputs, layer(*inputs))
    found = to_numpy(model([x, fine]))
    assert found.shape == (2, *size, 4)
    np.testing.assert_allclose(found, to_numpy(layer(x, fine)), atol=1e-5)


@pytest.mark.parametrize("filters", [None, 6])
def test_a_transposed_convolution_of_any_size(filters):
    layer = Upsample2D("transposed", filters=filters)
    inputs = [keras.Input((None, None, 4)) for _ in range(2)]
    model = keras.Model(inputs, layer(*inputs))
    x, fine = maps(4, 4, 4), maps(9, 7, 4)
    found = to_numpy(model([x, fine]))
    assert found.shape == (2, 9, 7, filters or 4)
    np.testing.assert_allclose(found, to_numpy(layer(x, fine)), atol=1e-5)


def test_without_filters_a_transposed_convolution_starts_bilinear():
    x, fine = maps(5, 6, 3), maps(10, 12, 1)
    found = to_numpy(Upsample2D("transposed")(x, fine))
    bilinear = to_numpy(ops.resize_bilinear(x, (10, 12)))
    np.testing.assert_allclose(
        found[:, 1:-1, 1:-1], bilinear[:, 1:-1, 1:-1], atol=1e-5
    )


def test_equals_the_operations():
    x, fine = maps(4, 3, 3), maps(8, 6, 3)
    for method, expected in (
        ("nearest", ops.resize_nearest(x, (8, 6))),
        ("bilinear", ops.resize_bilinear(x, (8, 6))),
        ("bicubic", ops.resize_bicubic(x, (8, 6))),
        ("bed_of_nails", ops.bed_of_nails(x, 2)),
    ):
        found = to_numpy(Upsample2D(method)(x, fine))
        np.testing.assert_allclose(found, to_numpy(expected), atol=1e-5)


@pytest.mark.parametrize("size", [(8, 6), (9, 7)])
def test_max_unpooling_is_that_of_a_pooling(size):
    fine = maps(*size, 3)
    pooled, places = MaxPoolWithArgmax2D()(fine)
    x = maps(*pooled.shape[1:3], 3, seed=1)
    expected = to_numpy(MaxUnpool2D()((x, places), fine))
    found = to_numpy(Upsample2D("max_unpool")(x, fine))
    np.testing.assert_array_equal(found, expected)


def test_options_that_cannot_be():
    with pytest.raises(ValueError, match="received 'cubic'"):
        Upsample2D("cubic")
    with pytest.raises(ValueError, match="enlarges twice"):
        Upsample2D("max_unpool", factor=4)
    with pytest.raises(ValueError, match="factor"):
        Upsample2D("nearest", factor=0)
