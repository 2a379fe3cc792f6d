import keras
import numpy as np
import pytest
import scipy.ndimage
from sklearn.metrics import precision_recall_fscore_support

from batteries.backend import compiled, to_numpy
from mtvision.ops.edge_matching import (
    balanced_edge_loss,
    dilate,
    edge_counts,
    edge_scores,
)

RNG = np.random.default_rng(0)
TRUTH = (RNG.uniform(size=(3, 7, 9)) > 0.8).astype("int32")
FOUND = RNG.uniform(size=TRUTH.shape).astype("float32")


def literal_loss(labels, logits):
    """Equation 2 of the paper, over the number of labelled pixels."""
    kept = (labels == 0) | (labels == 1)
    positive, negative = (labels == 1).sum(), (labels == 0).sum()
    beta, total = negative / (positive + negative), 0.0
    for label, logit in zip(labels[kept], logits[kept]):
        p = 1 / (1 + np.exp(-float(logit)))
        total -= beta * np.log(p) if label else (1 - beta) * np.log(1 - p)
    return total / kept.sum()


def test_the_loss_equals_the_papers_formula():
    labels = TRUTH.copy()
    labels[1, :2] = 255
    labels[2, 0, 0] = -1
    logits = RNG.normal(size=labels.shape).astype("float32")
    found = to_numpy(balanced_edge_loss(labels, logits))
    expected = [literal_loss(*pair) for pair in zip(labels, logits)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_samples_of_one_kind_still_teach():
    labels = np.stack([np.zeros((4, 4)), np.ones((4, 4)), np.full((4, 4), 255)])
    found = to_numpy(balanced_edge_loss(labels, np.zeros(labels.shape)))
    np.testing.assert_allclose(found, [0.01 * np.log(2)] * 2 + [0], rtol=1e-5)


def test_a_given_weight():
    labels, logits = np.array([[[1, 0]]]), np.zeros((1, 1, 2), "float32")
    for weight in (0.95, 0.0):
        loss = balanced_edge_loss(labels, logits, positive_weight=weight)
        # Half a pixel of either kind, whatever the weight.
        assert float(loss[0]) == pytest.approx(np.log(2) / 2)
    logits[0, 0, 0] = 50  # the edge is found: only the other is left
    loss = balanced_edge_loss(labels, logits, positive_weight=0.95)
    assert float(loss[0]) == pytest.approx(0.05 * np.log(2) / 2)


@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_dilation_equals_scipy(tolerance):
    side = 2 * tolerance + 1
    expected = [
        scipy.ndimage.grey_dilation(each, (side, side), mode="nearest")
        for each in FOUND
    ]
    np.testing.assert_array_equal(to_numpy(dilate(FOUND, tolerance)), expected)


def test_without_tolerance_it_is_the_f1_of_pixels():
    counts, rest = edge_counts(TRUTH, FOUND, tolerance=0, num_thresholds=9)
    assert not to_numpy(rest).any()
    found = to_numpy(edge_scores(counts))
    for k, score in enumerate(found, start=1):
        expected = precision_recall_fscore_support(
            TRUTH.ravel(), FOUND.ravel() >= k / 10, average="binary"
        )
        assert score == pytest.approx(expected[2], rel=1e-5)


def literal_counts(labels, found, threshold, tolerance, weight):
    counts = np.zeros(4)
    guess = (found >= threshold) & ((labels == 0) | (labels == 1))
    for n, y, x in np.ndindex(labels.shape):
        if labels[n, y, x] not in (0, 1):
            continue
        top, left = max(y - tolerance, 0), max(x - tolerance, 0)
        area = (
            n,
            slice(top, y + tolerance + 1),
            slice(left, x + tolerance + 1),
        )
        if guess[n, y, x]:
            counts[:2] += weight[n] * np.array([1, (labels[area] == 1).any()])
        if labels[n, y, x] == 1:
            counts[2:] += weight[n] * np.array([1, guess[area].any()])
    return counts


@pytest.mark.parametrize("tolerance", [1, 2])
def test_counts_equal_a_loop(tolerance):
    labels = TRUTH.copy()
    labels[0, 2:4, 3:] = 255
    labels[1, 5] = -1
    weight = np.array([1.0, 0.0, 2.0], "float32")

    def count(labels, found):
        return edge_counts(
            labels,
            found,
            tolerance=tolerance,
            num_thresholds=4,
            sample_weight=weight,
        )

    counts, rest = (to_numpy(x) for x in count(labels, FOUND))
    assert counts.dtype == "int32"  # exact beyond 2 ** 24
    found = counts + rest
    for k in range(4):
        expected = literal_counts(labels, FOUND, (k + 1) / 5, tolerance, weight)
        np.testing.assert_allclose(found[:, k], expected)
    tensors = [keras.ops.convert_to_tensor(x) for x in (labels, FOUND)]
    counts, rest = (to_numpy(x) for x in compiled(count)(*tensors))
    np.testing.assert_allclose(counts + rest, found)


def test_nan_is_predicted_but_never_right():
    found = np.where(TRUTH == 1, 0.9, 0.1).astype("float32")
    found[0, 3] = np.nan
    for tolerance in (0, 1):
        counts, _ = edge_counts(
            TRUTH, found, tolerance=tolerance, num_thresholds=1
        )
        rest = np.isnan(found)
        predicted, right, edges, reached = to_numpy(counts)[:, 0]
        assert predicted == (TRUTH[~rest] == 1).sum() + rest.sum()
        assert right == (TRUTH[~rest] == 1).sum()
        assert edges == (TRUTH == 1).sum()
        near = scipy.ndimage.grey_dilation(
            np.where(rest, 0, found), (1, 2 * tolerance + 1, 2 * tolerance + 1)
        )
        assert reached == (near[TRUTH == 1] > 0.5).sum()


def test_nothing_counted_scores_zero():
    labels = np.full((1, 2, 2), 255)
    counts, _ = edge_counts(
        labels, FOUND[:1, :2, :2], tolerance=1, num_thresholds=3
    )
    assert to_numpy(edge_scores(counts)).tolist() == [0, 0, 0]
