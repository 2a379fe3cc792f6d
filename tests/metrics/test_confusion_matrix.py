import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from batteries.metrics import check_metric, fed
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


def test_one_batch_of_more_pixels_than_float32_can_count():
    metric = ConfusionMatrix(2)
    labels = np.zeros((1, 4097, 4099), "uint8")
    logits = np.full((1, 4097, 4099, 1), -1, "float16")
    metric.update_state(labels, logits, np.ones(1, "float32"))
    assert metric.matrix().tolist() == [[4097 * 4099, 0], [0, 0]]
    assert metric.result()["accuracy"] == 1


def test_half_weights_add_up():
    metric = ConfusionMatrix(3)
    for _ in range(5):
        metric.update_state(LABELS, LOGITS, np.full(50, 0.75, "float32"))
    expected = confusion_matrix(LABELS, LOGITS.argmax(-1))
    np.testing.assert_array_equal(metric.matrix(), 3.75 * expected)


def test_weights_of_pixels_in_the_truth_are_those_of_the_loss_only():
    weighted = {"labels": MAPS, "weights": RNG.uniform(size=MAPS.shape)}
    found = fed(ConfusionMatrix(3), (weighted, MAP_LOGITS))
    assert found == fed(ConfusionMatrix(3), (MAPS, MAP_LOGITS))


def test_errors():
    with pytest.raises(ValueError, match="num_classes.*received 1"):
        ConfusionMatrix(1)
    with pytest.raises(ValueError, match="num_classes=4.* 3 channels"):
        ConfusionMatrix(4).update_state(LABELS, LOGITS)
    with pytest.raises(ValueError, match="argmax"):
        ConfusionMatrix(3).update_state(np.eye(3)[LABELS], LOGITS)
    with pytest.raises(ValueError, match=r"maps of \(5, 1\).*resize"):
        ConfusionMatrix(3).update_state(MAPS[:, :, :1], MAP_LOGITS)
