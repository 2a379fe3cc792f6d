import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from batteries.backend import gradient, to_numpy
from mtvision.ops import sampling

RNG = np.random.default_rng(0)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(0, 5), st.integers(1, 4))
def test_value_and_gradient_are_those_of_a_product(rows, sums, taps):
    buffer = RNG.normal(size=(rows, 3)).astype("float32")
    indices = RNG.integers(0, rows, (sums, taps)).astype("int32")
    weights = RNG.normal(size=(sums, taps)).astype("float32")
    matrix = np.zeros((sums, rows), "float32")
    np.add.at(matrix, (np.arange(sums)[:, None], indices), weights)
    for form in (sampling.weighted_rows, sampling._by_taps):
        found = form(
            ops.convert_to_tensor(buffer),
            ops.convert_to_tensor(indices),
            ops.convert_to_tensor(weights),
        )
        np.testing.assert_allclose(to_numpy(found), matrix @ buffer, atol=1e-5)


@pytest.mark.parametrize("form", ["weighted_rows", "_by_taps"])
def test_the_gradient_is_the_transposed_product(form):
    buffer = RNG.normal(size=(4, 3)).astype("float32")
    indices = ops.convert_to_tensor([[0, 2], [2, 2], [3, 0]], "int32")
    weights = ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    cotangent = RNG.normal(size=(3, 3)).astype("float32")
    upstream = ops.convert_to_tensor(cotangent)
    run = getattr(sampling, form)
    found = gradient(lambda x: run(x, indices, weights) * upstream, buffer)
    matrix = np.array([[1, 0, 2, 0], [0, 0, 7, 0], [6, 0, 0, 5]], "float32")
    np.testing.assert_allclose(found, matrix.T @ cotangent, rtol=1e-5)
