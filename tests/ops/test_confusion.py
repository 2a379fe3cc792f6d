import numpy as np
import pytest
from sklearn import metrics

from batteries.backend import compiled, to_numpy
from mtvision.ops.confusion import (
    confusion_counts,
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
    counts, rest = to_numpy(run(LABELS, FOUND))
    assert counts.dtype == np.int32
    np.testing.assert_array_equal(counts, expected)
    assert (rest == 0).all()


@pytest.mark.parametrize("rank", [1, 3])
def test_weights_of_samples_and_pixels(rank):
    weight = 3 * RNG.uniform(size=LABELS.shape[:rank]).astype("float32")
    weight.flat[0] = 0
    spread = np.broadcast_to(
        weight.reshape(weight.shape + (1,) * (3 - rank)), LABELS.shape
    )
    expected = metrics.confusion_matrix(
        LABELS.ravel(), FOUND.ravel(), sample_weight=spread.ravel()
    )
    run = compiled(
        lambda w: confusion_counts(LABELS, FOUND, 4, sample_weight=w)
    )
    counts, rest = to_numpy(run(weight))
    np.testing.assert_allclose(counts + rest, expected, rtol=1e-5)


def test_weights_of_zero_and_one_are_counted_as_integers():
    weight = (RNG.uniform(size=LABELS.shape) > 0.5).astype("float32")
    kept = weight > 0
    expected = metrics.confusion_matrix(LABELS[kept], FOUND[kept])
    run = compiled(
        lambda w: confusion_counts(LABELS, FOUND, 4, sample_weight=w)
    )
    counts, rest = to_numpy(run(weight))
    np.testing.assert_array_equal(counts, expected)
    assert (rest == 0).all()


def test_unlabelled_are_left_out():
    labels = LABELS.copy()
    labels[0], labels[1, 0], labels[2, 1] = 255, -1, 9
    labels[2, 2] = 3
    kept = (labels >= 0) & (labels < 3)
    expected = metrics.confusion_matrix(
        labels[kept], FOUND[kept], labels=[0, 1, 2, 3]
    )
    for weight in (None, np.ones(3, "float32"), np.full(3, 1.5, "float32")):
        counts, rest = confusion_counts(
            labels, FOUND, 4, ignore_class=3, sample_weight=weight
        )
        np.testing.assert_array_equal(to_numpy(counts), expected)
        share = 0.5 if weight is not None and weight[0] > 1 else 0
        np.testing.assert_array_equal(to_numpy(rest), share * expected)


def test_one_batch_of_more_elements_than_float32_can_count():
    size = 2**24 + 3
    labels = np.zeros((1, size), "uint8")
    counts, _ = confusion_counts(labels, labels, 2)
    assert to_numpy(counts).tolist() == [[size, 0], [0, 0]]


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


def test_no_class_is_never_a_hit():
    counts, _ = confusion_counts([0, 1, 2, 2], [-1, -1, -1, 2], 3)
    assert to_numpy(counts).tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 1]]
    counts, _ = confusion_counts([0, 1], [-1, -1], 2)
    assert to_numpy(counts).tolist() == [[0, 1], [1, 0]]
