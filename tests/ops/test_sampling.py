import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.backend import gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import sampling

RNG = np.random.default_rng(0)
FORMS = [sampling.weighted_rows, sampling._by_taps]


def tensors(*arrays):
    return [ops.convert_to_tensor(array) for array in arrays]


@cases(20)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.integers(1, 6),
    st.integers(1, 4),
)
def test_sums_are_those_of_a_product(sizes, sums, taps):
    buffers = [RNG.normal(size=(n, 3)).astype("float32") for n in sizes]
    source = RNG.integers(0, len(sizes), sums).astype("int32")
    indices = RNG.integers(0, np.array(sizes)[source, None], (sums, taps))
    weights = RNG.normal(size=(sums, taps)).astype("float32")
    rows = indices + np.cumsum([0, *sizes])[source, None]
    matrix = np.zeros((sums, sum(sizes)), "float32")
    np.add.at(matrix, (np.arange(sums)[:, None], rows), weights)
    expected = matrix @ np.concatenate(buffers)
    for form in FORMS:
        found = form(
            tensors(*buffers),
            *tensors(source, indices.astype("int32"), weights),
        )
        np.testing.assert_allclose(to_numpy(found), expected, atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_the_gradient_is_the_transposed_product(form):
    buffer = RNG.normal(size=(4, 3)).astype("float32")
    source = ops.convert_to_tensor([1, 0, 1], "int32")
    indices = ops.convert_to_tensor([[0, 2], [2, 2], [3, 0]], "int32")
    weights = ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    cotangent = RNG.normal(size=(3, 3)).astype("float32")
    upstream = ops.convert_to_tensor(cotangent)
    found = gradient(
        lambda x: form([2 * x, x], source, indices, weights) * upstream, buffer
    )
    matrix = np.array([[1, 0, 2, 0], [0, 0, 14, 0], [6, 0, 0, 5]], "float32")
    np.testing.assert_allclose(found, matrix.T @ cotangent, rtol=1e-5)
