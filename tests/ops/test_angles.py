import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import angles

RNG = np.random.default_rng(0)


def test_unit_vectors_equal_numpy():
    vectors = RNG.normal(size=(4, 5, 3)).astype("float32")
    expected = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    found = to_numpy(angles.unit_vectors(vectors))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("length", [0.0, 1e-20, 1e-4])
def test_short_vectors_have_small_gradients(length):
    vectors = np.array([[length, 0, 0]], "float32")
    found = to_numpy(angles.unit_vectors(vectors))
    np.testing.assert_allclose(found, [[1000 * length, 0, 0]], rtol=1e-5)
    slope = gradient(angles.unit_vectors, vectors)
    np.testing.assert_allclose(slope, 1000, rtol=1e-5)


def test_which_vectors_have_a_direction():
    nan, inf = np.nan, np.inf
    vectors = [[0, 0, 0], [0, 0, 2], [nan, 1, 1], [inf, 0, 0], [-1, 0, 0]]
    found = to_numpy(angles.has_direction(np.array(vectors, "float32")))
    assert found.tolist() == [False, True, False, False, True]


@given(st.floats(0, 180), st.integers(0, 99))
@cases(50)
def test_angles_are_those_that_vectors_were_turned_by(degrees, seed):
    rng = np.random.default_rng(seed)
    first, other = rng.normal(size=(2, 3))
    first /= np.linalg.norm(first)
    other -= other @ first * first
    other /= np.linalg.norm(other)
    radians = np.radians(degrees)
    second = np.cos(radians) * first + np.sin(radians) * other
    found = angles.angles_between(
        first.astype("float32"), second.astype("float32")
    )
    assert float(found) == pytest.approx(degrees, abs=2e-5)


def scores_of(values, given_):
    counts, rest = (to_numpy(x) for x in angles.angle_sums(values, given_))
    assert counts.dtype == "int32"  # exact beyond 2 ** 24
    found = angles.angle_scores(counts + rest)
    return {name: float(score) for name, score in found.items()}


def test_scores_equal_numpy():
    values = RNG.gamma(2, 12, (3, 40, 50)).clip(0, 180).astype("float32")
    given_ = RNG.uniform(size=values.shape) > 0.2
    kept = values[given_]
    found = scores_of(values, given_)
    assert found["mean"] == pytest.approx(kept.mean(), rel=1e-5)
    assert found["median"] == pytest.approx(np.median(kept), abs=0.05)
    for name, limit in zip(("11", "22", "30"), (11.25, 22.5, 30)):
        share = (kept < limit).mean()
        assert found[f"within_{name}"] == pytest.approx(share, rel=1e-5)


@given(st.lists(st.floats(0, 180, width=32), min_size=1, max_size=9))
@cases(50)
def test_the_median_is_off_by_less_than_a_bin(values):
    # Of an even number it lies anywhere between the two in the middle.
    low, high = np.sort(values)[[(len(values) - 1) // 2, len(values) // 2]]
    row = np.array(values, "float32")[None, None]
    found = scores_of(row, np.ones_like(row, "bool"))["median"]
    assert low - angles.BIN - 1e-4 <= found <= high + angles.BIN + 1e-4


def test_no_pixel_has_scores_of_zero():
    found = scores_of(np.ones((1, 2, 2)), np.zeros((1, 2, 2), "bool"))
    assert not any(found.values())


def test_nan_is_as_wrong_as_can_be():
    found = scores_of(np.full((1, 1, 3), np.nan), np.array([[[1, 1, 0]]], bool))
    assert found["mean"] == 180
    assert found["median"] == pytest.approx(180, abs=angles.BIN)
    assert found["within_30"] == 0


def test_weights_scale_every_sum():
    values = RNG.uniform(0, 180, (2, 3, 4)).astype("float32")
    given_ = np.ones(values.shape, "bool")
    pair = angles.angle_sums(values, given_, sample_weight=[2.5, 0.0])
    found = sum(to_numpy(x) for x in pair)
    once = sum(to_numpy(x) for x in angles.angle_sums(values[:1], given_[:1]))
    np.testing.assert_allclose(found, 2.5 * once, rtol=1e-5)
