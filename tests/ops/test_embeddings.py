import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.embeddings import (
    MININGS,
    contrastive,
    pairwise_squared_distances,
    squared_distances,
    triplet,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 5)).astype("float32")
PEOPLE = np.array([0, 0, 1, 1, 1, 2, -1])


def test_distances_are_those_of_scipy():
    expected = cdist(X, X, "sqeuclidean")
    found = to_numpy(pairwise_squared_distances(X))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    aligned = to_numpy(squared_distances(X[:3], X[3:6]))
    np.testing.assert_allclose(aligned, expected[range(3), range(3, 6)], 1e-5)


def test_small_distances_far_from_zero():
    """Where |a|^2 + |b|^2 - 2 a b would be nothing but rounding."""
    x = np.float32([[1000, 1000], [1000, 1000.5]])
    assert to_numpy(pairwise_squared_distances(x))[0, 1] == 0.25


def test_contrastive_by_hand():
    found = contrastive([1, 0, 0, 0], [4.0, 0.25, 0.0, 9.0], margin=2.0)
    np.testing.assert_allclose(to_numpy(found), [4, 1.5**2, 4, 0], atol=1e-5)


def test_gradient_of_contrastive_is_finite_at_zero():
    x = np.zeros((3, 4), "float32")

    def loss(x):
        return contrastive([0.0, 1.0], squared_distances(x[1:], x[:1]))

    assert np.isfinite(gradient(loss, x)).all()


def literal(people, x, margin, mining):
    """Triplets of each anchor by loops, in float64."""
    d = cdist(x.astype("float64"), x.astype("float64"), "sqeuclidean")
    losses = np.zeros(len(x))
    for a, person in enumerate(people):
        if person < 0:
            continue
        positives = [p for p in np.flatnonzero(people == person) if p != a]
        negatives = np.flatnonzero((people != person) & (people >= 0))
        if not positives or not len(negatives):
            continue
        values = []
        for p in positives:
            beyond = [n for n in negatives if d[a, n] > d[a, p]]
            if mining == "semi-hard":
                n = min(beyond or negatives, key=lambda n: d[a, n])
                n = n if beyond else max(negatives, key=lambda n: d[a, n])
                values.append(max(d[a, p] - d[a, n] + margin, 0))
            elif mining == "all":
                gaps = [d[a, p] - d[a, n] + margin for n in negatives]
                values += [gap for gap in gaps if gap > 0]
        if mining == "hard":
            far = max(d[a, p] for p in positives)
            near = min(d[a, n] for n in negatives)
            values = [max(far - near + margin, 0)]
        losses[a] = np.mean(values) if values else 0
    return losses


@pytest.mark.parametrize("mining", MININGS)
@pytest.mark.parametrize("margin", [0.2, 3.0, 20.0])
def test_triplets_are_those_of_loops(mining, margin):
    found = triplet(keras.ops.array(PEOPLE), X, margin=margin, mining=mining)
    expected = literal(PEOPLE, X, margin, mining)
    np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-4)
    assert (expected[:5] > 0).any()
    assert (expected[5:] == 0).all()


@pytest.mark.parametrize("mining", MININGS)
@cases(30)
@given(
    people=st.lists(st.integers(-1, 3), min_size=6, max_size=6),
    seed=st.integers(0, 999),
    margin=st.floats(0.01, 10),
)
def test_any_batch(mining, people, seed, margin):
    people = np.array(people)
    x = np.random.default_rng(seed).normal(size=(6, 3)).astype("float32")
    found = triplet(keras.ops.array(people), x, margin=margin, mining=mining)
    expected = literal(people, x, margin, mining)
    np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("mining", MININGS)
def test_gradients_are_finite_and_stay_with_triplets(mining):
    """Also for equal embeddings, and for anchors without a partner."""
    same = np.zeros_like(X)
    for x in (X, same):

        def loss(x):
            return triplet(keras.ops.array(PEOPLE), x, margin=9, mining=mining)

        slope = gradient(loss, x)
        assert np.isfinite(slope).all()
        assert (slope[6] == 0).all()
    slope = gradient(loss, X)
    # One of a kind teaches as a negative.
    assert (slope[5] != 0).any()
    run = compiled(lambda people, x: triplet(people, x, mining=mining))
    expected = triplet(keras.ops.array(PEOPLE), X, mining=mining)
    found = run(*map(keras.ops.convert_to_tensor, (PEOPLE, X)))
    np.testing.assert_allclose(to_numpy(found), to_numpy(expected), rtol=1e-5)
