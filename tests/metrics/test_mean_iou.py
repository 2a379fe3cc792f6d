import keras
import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from batteries.metrics import check_metric, fed
from mtvision.metrics import MeanIoU

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, (4, 5, 6))
LOGITS = RNG.normal(size=(4, 5, 6, 3)).astype("float32")


def test_properties():
    arguments = {"num_classes": 3, "ignore_class": 2}
    check_metric(MeanIoU, arguments, LABELS, LOGITS)


@pytest.mark.parametrize("num_classes", [3, 5])  # 5: two never occur
def test_equals_keras(num_classes):
    logits = np.pad(
        LOGITS, [(0, 0)] * 3 + [(0, num_classes - 3)], constant_values=-9
    )
    theirs = keras.metrics.MeanIoU(num_classes, sparse_y_pred=False)
    expected = fed(theirs, (LABELS, logits))
    found = fed(MeanIoU(num_classes), (LABELS[..., None], logits))
    assert found == pytest.approx(expected, rel=1e-5)


def test_weights_of_pixels():
    weight = (RNG.uniform(size=LABELS.shape) > 0.5).astype("float32")
    ignored = np.where(weight > 0, LABELS, 255)
    found = fed(MeanIoU(3), (LABELS, LOGITS, weight))
    expected = fed(MeanIoU(3, ignore_class=255), (ignored, LOGITS))
    assert found == pytest.approx(expected)


def test_one_logit_is_two_classes():
    labels, one = np.minimum(LABELS, 1), LOGITS[..., :1]
    two = np.concatenate([np.zeros_like(one), one], -1)
    assert fed(MeanIoU(2), (labels, one)) == fed(MeanIoU(2), (labels, two))


def test_iou_of_each_class_equals_scikit_learn():
    metric = MeanIoU(5)
    logits = np.pad(LOGITS, [(0, 0)] * 3 + [(0, 2)], constant_values=-9)
    labels = np.where(LABELS == 1, 4, LABELS)  # 4: never predicted
    metric.update_state(labels, logits)
    expected = jaccard_score(
        labels.ravel(), logits.argmax(-1).ravel(), average=None
    )
    found = metric.per_class()
    assert np.isnan(found[3])  # occurs nowhere
    np.testing.assert_allclose(np.delete(found, 3), expected)
    assert float(metric.result()) == pytest.approx(expected.mean())
    metric.reset_state()
    assert np.isnan(metric.per_class()).all()


@pytest.mark.parametrize("channels", [1, 2])
def test_nan_is_no_hit(channels):
    truth = np.zeros((1, 2, 2), "int32")
    logits = np.full((1, 2, 2, channels), np.nan, "float32")
    assert fed(MeanIoU(2), (truth, logits)) == 0
    logits[0, 0] = 9.0 if channels == 2 else -9.0
    logits[0, 0, :, 1:] = 0
    metric = MeanIoU(2)
    assert fed(metric, (truth, logits)) == 0.25  # 2 of 4, and 0 of 2
    assert metric.matrix().tolist() == [[2, 2], [0, 0]]
