import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from mtvision.ops.missing_inputs import (
    drop_inputs,
    fill_features,
    fill_inputs,
    known_inputs,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("inputs", "known"),
    [
        (np.array([[NAN, NAN], [NAN, 0], [-1, -1]], "float32"), [0, 1, 1]),
        (np.array([[-1, -1], [-1, 0], [5, 6]], "int32"), [0, 1, 1]),
        (np.array([NAN, 2.0], "float32"), [0, 1]),
        (np.full((2, 3, 3, 1), NAN, "float32"), [0, 0]),
    ],
)
def test_what_is_missing_all_over(inputs, known):
    found = to_numpy(known_inputs(inputs))
    assert found.tolist() == [bool(one) for one in known]
    filled = to_numpy(fill_inputs(inputs, found))
    assert filled.dtype == inputs.dtype
    for before, after, there in zip(inputs, filled, known):
        np.testing.assert_array_equal(after, before if there else 0 * after)


def test_a_share_is_dropped_and_nothing_comes_back():
    known = keras.ops.convert_to_tensor([True] * 3000 + [False] * 1000)
    kept = to_numpy(drop_inputs(known, 0.25, seed=1))
    assert not kept[3000:].any()
    # Four standard deviations.
    assert abs(kept[:3000].mean() - 0.75) < 4 * np.sqrt(0.25 * 0.75 / 3000)


def test_no_gradient_reaches_what_is_missing_even_nan():
    known = keras.ops.convert_to_tensor([True, False])
    vector = keras.ops.convert_to_tensor(np.array([7.0, 8.0], "float32"))

    def filled(x):
        return fill_features(keras.ops.sqrt(x), known, vector)

    # The square root of 0 has an infinite gradient.
    x = np.array([[4.0, 1.0], [0.0, NAN]], "float32")
    assert to_numpy(filled(x)).tolist() == [[2, 1], [7, 8]]
    features = gradient(lambda f: fill_features(f, known, vector), x)
    assert features.tolist() == [[1, 1], [0, 0]]
