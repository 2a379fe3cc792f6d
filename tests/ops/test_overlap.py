import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from mtvision.ops.overlap import probabilities, soft_overlap

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, (2, 4, 5))


def test_hard_predictions_give_pixel_counts():
    found = RNG.integers(0, 3, (2, 4, 5))
    counts = soft_overlap(LABELS, np.eye(3, dtype="float32")[found])
    shared, present, predicted = (to_numpy(c) for c in counts)
    for b in range(2):
        for c in range(3):
            truth, guess = LABELS[b] == c, found[b] == c
            assert shared[b, c] == (truth & guess).sum()
            assert present[b, c] == truth.sum()
            assert predicted[b, c] == guess.sum()


@pytest.mark.parametrize("ignored", [-1, 255, 3])
def test_unlabelled_pixels_count_nowhere(ignored):
    p = RNG.dirichlet(np.ones(3), (2, 4, 5)).astype("float32")
    labels = LABELS.copy()
    labels[:, 2:] = ignored
    found = soft_overlap(labels, p, ignore_class=255, squared=True)
    expected = soft_overlap(LABELS[:, :2], p[:, :2], squared=True)
    for a, b in zip(found, expected):
        np.testing.assert_allclose(to_numpy(a), to_numpy(b), rtol=1e-5)


def test_one_channel_is_class_one():
    p = RNG.uniform(size=(2, 4, 5, 1)).astype("float32")
    labels = np.minimum(LABELS, 1)
    one = soft_overlap(labels, p)
    two = soft_overlap(labels, np.concatenate([1 - p, p], -1))
    for a, b in zip(one, two):
        np.testing.assert_allclose(to_numpy(a), to_numpy(b)[:, 1:], rtol=1e-5)


def test_probabilities():
    logits = RNG.normal(size=(2, 3)).astype("float32")
    expected = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    np.testing.assert_allclose(
        to_numpy(probabilities(logits)), expected, rtol=1e-5
    )
    expected = 1 / (1 + np.exp(-logits[:, :1]))
    np.testing.assert_allclose(
        to_numpy(probabilities(logits[:, :1])), expected, rtol=1e-5
    )
    extreme = np.array([[100.0, -100.0]], "float32")
    assert np.isfinite(gradient(probabilities, extreme)).all()
