import keras
import numpy as np
import pytest

from mtvision.tasks import ClassificationLoss, constant_classification


def test_no_other_constant_has_a_lower_loss():
    labels = np.array([0, 2, 2, 1, 2, -1, 0])
    constant = constant_classification(labels, 3)

    def loss(logits):
        known = labels[labels >= 0]
        logits = np.broadcast_to(logits, (len(known), 3))
        return float(ClassificationLoss()(known, logits))

    rng = np.random.default_rng(0)
    for _ in range(20):
        other = constant + rng.normal(size=3).astype("float32")
        assert loss(constant) <= loss(other) + 1e-6
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(keras.ops.softmax(constant)),
        [2 / 6, 1 / 6, 3 / 6],
        rtol=1e-5,
    )


def test_nothing_labelled():
    assert np.isfinite(constant_classification(np.array([-1]), 3)).all()


def test_each_attribute_has_its_own_odds():
    labels = np.array([[1, 0, 1.0], [1, 0, np.nan], [1, 1, 0], [-1, 0, 1]])
    odds = constant_classification(labels, 3)
    assert odds[0] > 0 > odds[1]
    assert odds[2] == pytest.approx(np.log(2), rel=1e-5)
