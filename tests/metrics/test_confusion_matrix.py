import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from batteries.metrics import check_metric
from mtvision.metrics import ConfusionMatrix

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 50)
LOGITS = RNG.normal(size=(50, 3)).astype("float32")
MAPS = RNG.integers(0, 3, (4, 5, 6))
MAP_LOGITS = RNG.normal(size=(4, 5, 6, 3)).astype("float32")


def test_properties_for_classes():
    arguments = {"num_classes": 3, "ignore_class": 2}
    found = check_metric(ConfusionMatrix, arguments, LABELS[:6], LOGITS[:6])
    assert set(found) == {"accuracy", "precision", "recall", "f1"}


def test_properties_for_maps():
    arguments = {"num_classes": 3, "ignore_class": 2}
    check_metric(ConfusionMatrix, arguments, MAPS, MAP_LOGITS)


@pytest.mark.parametrize("shape", [(50,), (50, 1)])
def test_matrix_equals_scikit_learn(shape):
    metric = ConfusionMatrix(3)
    metric.update_state(LABELS.reshape(shape), LOGITS)
    expected = confusion_matrix(LABELS, LOGITS.argmax(-1))
    np.testing.assert_array_equal(metric.matrix(), expected)


def test_counts_stay_exact_over_many_pixels():
    metric = ConfusionMatrix(2)
    labels = np.zeros((1, 2048, 4096), "uint8")
    logits = np.full((1, 2048, 4096, 1), -1, "float32")
    for _ in range(3):
        metric.update_state(labels, logits)
    metric.update_state(labels[:, :1, :1], logits[:, :1, :1])
    assert metric.matrix()[0, 0] == 3 * 2**23 + 1


def test_errors():
    with pytest.raises(ValueError, match="num_classes=1"):
        ConfusionMatrix(1)
    with pytest.raises(ValueError, match="num_classes=4.* 3 channels"):
        ConfusionMatrix(4).update_state(LABELS, LOGITS)
    with pytest.raises(ValueError, match="argmax"):
        ConfusionMatrix(3).update_state(np.eye(3)[LABELS], LOGITS)
