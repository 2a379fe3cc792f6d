import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from mtvision.ops.overlap import (
    class_shares,
    overlap_ratio,
    probabilities,
    soft_overlap,
)

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, (2, 4, 5))


def overlap(labels, p, *, weights=None, squared=False, **options):
    shares, labelled = class_shares(labels, p, **options)
    return soft_overlap(shares, p, labelled, weights=weights, squared=squared)


def test_hard_predictions_give_pixel_counts():
    found = RNG.integers(0, 3, (2, 4, 5))
    counts = overlap(LABELS, np.eye(3, dtype="float32")[found])
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
    found = overlap(labels, p, ignore_class=255, squared=True)
    expected = overlap(LABELS[:, :2], p[:, :2], squared=True)
    for a, b in zip(found, expected):
        np.testing.assert_allclose(to_numpy(a), to_numpy(b), rtol=1e-5)


def test_one_channel_is_class_one():
    p = RNG.uniform(size=(2, 4, 5, 1)).astype("float32")
    labels = np.minimum(LABELS, 1)
    one = overlap(labels, p)
    two = overlap(labels, np.concatenate([1 - p, p], -1))
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


def test_several_labels_of_a_pixel():
    p = RNG.uniform(size=(2, 4, 5, 3)).astype("float32")
    labels = (RNG.uniform(size=p.shape) > 0.5).astype("float32")
    labels[0, 0, :, 1], labels[0, 1, :, 1] = np.nan, -1
    known = (labels >= 0)[..., 1][0]
    counts = [to_numpy(c) for c in overlap(labels, p, multi_label=True)]
    truth, guess = labels[0][known][:, 1], p[0][known][:, 1]
    for count, expected in zip(
        counts, ((truth * guess).sum(), truth.sum(), guess.sum())
    ):
        assert count[0, 1] == pytest.approx(expected, rel=1e-5)


def test_a_pixel_of_weight_two_counts_twice():
    p = RNG.dirichlet(np.ones(3), (2, 4, 5)).astype("float32")
    weights = np.ones((2, 4, 5), "float32")
    weights[:, 0] = 2
    twice = [np.concatenate([x, x[:, :1]], 1) for x in (LABELS, p)]
    for squared in (False, True):
        found = overlap(LABELS, p, weights=weights, squared=squared)
        for a, b in zip(found, overlap(*twice, squared=squared)):
            np.testing.assert_allclose(to_numpy(a), to_numpy(b), rtol=1e-5)


def test_ratio():
    part, whole = np.float32([1, 0, 0]), np.float32([4, 2, 0])

    def ratio(smooth):
        return to_numpy(overlap_ratio(part, whole, smooth)).tolist()

    assert ratio(0) == [0.25, 0, 1]
    assert ratio(1) == pytest.approx([2 / 5, 1 / 3, 1])
    assert ratio((0, 1)) == pytest.approx([1 / 5, 0, 0])
