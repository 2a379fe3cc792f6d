import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.layers import Upsample2D
from mtvision.ops import exporting
from mtvision.ops.compiling import compiled

RNG = np.random.default_rng(0)
pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "jax",
    reason="models are exported from TensorFlow; JAX compiles each shape",
)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9), st.booleans())
def test_the_first_of_the_largest(values, keepdims):
    x = np.array([values, values[::-1]], "float32")
    with exporting.exporting():
        found = to_numpy(exporting.argmax(x, axis=1, keepdims=keepdims))
    expected = np.argmax(x, axis=1, keepdims=keepdims)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(
        to_numpy(exporting.argmax(x, axis=1, keepdims=keepdims)), expected
    )


@settings(deadline=None)
@given(st.floats(-20, 20, width=32))
def test_exact_near_zero_and_far_from_it(x):
    with exporting.exporting():
        found = to_numpy(exporting.expm1(np.float32([x])))
    np.testing.assert_allclose(found, np.expm1([x]), rtol=1e-6, atol=1e-37)


@pytest.mark.parametrize("size", [(6, 8), (7, 5), (1, 3)])
@pytest.mark.parametrize("half", [np.floor, np.ceil])
def test_unpooling_without_scattering(size, half):
    reference = RNG.normal(size=(2, *size, 3)).astype("float32")
    small = [max(int(half(n / 2)), 1) for n in size]
    x = RNG.normal(size=(2, *small, 3)).astype("float32")
    enlarge = Upsample2D("max_unpool")
    expected = to_numpy(enlarge(x, reference))
    with exporting.exporting():
        found = to_numpy(enlarge(x, reference))
    np.testing.assert_array_equal(found, expected)


def test_resizing_without_sums_by_name():
    x = RNG.normal(size=(2, 5, 6, 3)).astype("float32")
    expected = to_numpy(mtv.ops.resize_bicubic(x, (8, 3)))
    with exporting.exporting():
        found = to_numpy(mtv.ops.resize_bicubic(x, (8, 3)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_functions_are_not_compiled_apart():
    seen = []

    def spy(x, *, power):
        seen.append(type(x).__name__)
        return x**power

    run = compiled(spy)
    x = keras.ops.convert_to_tensor([2.0])
    for _ in range(2):
        with exporting.exporting():
            assert float(to_numpy(run(x, power=3))[0]) == 8
    assert seen == [type(x).__name__] * 2


def test_an_error_ends_it():
    with pytest.raises(KeyError), exporting.exporting():
        raise KeyError
    assert not exporting.is_exporting()


@pytest.mark.parametrize("number", [1, 4])
def test_row_by_row(number):
    rows = RNG.normal(size=(number, 2, 3)), RNG.normal(size=(number, 3))
    rows = tuple(keras.ops.convert_to_tensor(x, "float32") for x in rows)

    def one(row):
        matrix, vector = row
        product = keras.ops.matmul(matrix, vector)
        return product, keras.ops.argmax(product)

    with exporting.exporting():
        products, places = map(to_numpy, exporting.map_rows(one, rows))
        single = to_numpy(exporting.map_rows(lambda x: one(x)[1], rows))
    expected = np.einsum("nij,nj->ni", *map(to_numpy, rows))
    np.testing.assert_allclose(products, expected, atol=1e-5)
    np.testing.assert_array_equal(places, expected.argmax(axis=1))
    np.testing.assert_array_equal(single, places)
