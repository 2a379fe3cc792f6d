import numpy as np
import pytest
from sklearn import metrics

from batteries.backend import compiled, to_numpy
from mtvision.ops.confusion import (
    confusion_counts,
    exact_sum,
    macro_scores,
    mean_iou,
    predicted_classes,
)

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, (3, 6, 5))
FOUND = RNG.integers(0, 4, (3, 6, 5))


def test_counts_equal_scikit_learn():
    expected = metrics.confusion_matrix(LABELS.ravel(), FOUND.ravel())
    run = compiled(lambda a, b: confusion_counts(a, b, 4))
    np.testing.assert_array_equal(to_numpy(run(LABELS, FOUND)), expected)


@pytest.mark.parametrize("rank", [1, 3])
def test_weights_of_samples_and_pixels(rank):
    weight = RNG.uniform(size=LABELS.shape[:rank]).astype("float32")
    spread = np.broadcast_to(
        weight.reshape(weight.shape + (1,) * (3 - rank)), LABELS.shape
    )
    expected = metrics.confusion_matrix(
        LABELS.ravel(), FOUND.ravel(), sample_weight=spread.ravel()
    )
    counts = confusion_counts(LABELS, FOUND, 4, sample_weight=weight)
    np.testing.assert_allclose(to_numpy(counts), expected, rtol=1e-5)


def test_unlabelled_are_left_out():
    labels = LABELS.copy()
    labels[0], labels[1, 0], labels[2, 1] = 255, -1, 9
    labels[2, 2] = 3
    kept = (labels >= 0) & (labels < 3)
    expected = metrics.confusion_matrix(
        labels[kept], FOUND[kept], labels=[0, 1, 2, 3]
    )
    counts = confusion_counts(labels, FOUND, 4, ignore_class=3)
    np.testing.assert_array_equal(to_numpy(counts), expected)


def test_exact_sum_counts_beyond_float32():
    add = compiled(exact_sum)
    total = np.array(2.0**24, "float32")
    rest = np.zeros((), "float32")
    for value in (1.0, 1.0, 1.0, 16777215.0, 3.0):
        total, rest = add(total, rest, np.array(value, "float32"))
    assert int(total) + int(rest) == 2**24 + 3 + 16777215 + 3


def test_mean_iou_equals_scikit_learn():
    counts = metrics.confusion_matrix(LABELS.ravel(), FOUND.ravel())
    expected = metrics.jaccard_score(
        LABELS.ravel(), FOUND.ravel(), average="macro"
    )
    assert float(mean_iou(counts)) == pytest.approx(expected, rel=1e-5)
    absent = np.pad(counts, (0, 2))  # two classes that never occur
    assert float(mean_iou(absent)) == pytest.approx(expected, rel=1e-5)
    assert float(mean_iou(np.zeros((3, 3)))) == 0


def test_macro_scores_equal_scikit_learn():
    labels = np.where(LABELS == 3, 0, LABELS).ravel()
    found = np.where(FOUND == 1, 3, FOUND).ravel()  # 1 is never predicted
    counts = metrics.confusion_matrix(labels, found, labels=[0, 1, 2, 3])
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, found, labels=[0, 1, 2], average="macro", zero_division=0
    )
    scores = {k: float(v) for k, v in macro_scores(counts).items()}
    assert scores == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(labels, found),
            "precision": precision,
            "recall": recall,
            "f1": f1,
        },
        rel=1e-5,
    )
    assert all(float(v) == 0 for v in macro_scores(np.zeros((2, 2))).values())


def test_predicted_classes():
    logits = RNG.normal(size=(2, 3, 4)).astype("float32")
    found = to_numpy(predicted_classes(logits))
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, logits.argmax(-1))
    found = to_numpy(predicted_classes(logits[..., :1]))
    np.testing.assert_array_equal(found, logits[..., 0] > 0)
