import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import bed_of_nails

RNG = np.random.default_rng(0)
FACTOR = st.integers(1, 4)


@cases(20)
@given(FACTOR, FACTOR, st.integers(1, 5), st.integers(1, 5))
def test_values_keep_their_corner_and_nothing_is_added(y, x, height, width):
    maps = RNG.normal(size=(2, height, width, 3)).astype("float32")
    found = to_numpy(bed_of_nails(maps, (y, x)))
    assert found.shape == (2, height * y, width * x, 3)
    np.testing.assert_array_equal(found[:, ::y, ::x], maps)
    assert np.count_nonzero(found) == maps.size


def test_gradient_and_compilation():
    maps = RNG.normal(size=(2, 3, 4, 2)).astype("float32")
    slope = RNG.normal(size=(2, 6, 12, 2)).astype("float32")
    weights = ops.convert_to_tensor(slope)
    found = gradient(lambda x: bed_of_nails(x, (2, 3)) * weights, maps)
    np.testing.assert_array_equal(found, slope[:, ::2, ::3])
    run = compiled(lambda x: bed_of_nails(x, (2, 3)))
    np.testing.assert_array_equal(
        to_numpy(run(ops.convert_to_tensor(maps))),
        to_numpy(bed_of_nails(maps, (2, 3))),
    )


@pytest.mark.parametrize("dtype", ["bfloat16", "int32"])
def test_keeps_the_dtype(dtype):
    y = bed_of_nails(ops.cast(np.ones((1, 2, 2, 1)), dtype), 2)
    assert keras.backend.standardize_dtype(y.dtype) == dtype


def test_symbolic_tensors():
    assert bed_of_nails(keras.Input((4, 5, 3)), 2).shape == (None, 8, 10, 3)


def test_bad_input():
    with pytest.raises(ValueError, match="rank 4"):
        bed_of_nails(np.zeros((2, 2)), 2)
    for factor in (0, 1.5, (2, 2, 2)):
        with pytest.raises(ValueError, match="factor"):
            bed_of_nails(np.zeros((1, 2, 2, 1)), factor)
