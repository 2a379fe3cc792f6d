import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.tasks.classification import ClassificationLoss

LOGITS = np.array(
    [[1.0, -2.0, 0.5], [0.0, 0.0, 0.0], [-1.0, 3.0, 2.0]], "float32"
)


def log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def test_properties():
    arguments = {
        "multi_label": True,
        "label_smoothing": 0.1,
        "class_weights": [0.5, 1.0, 2.0],
        "name": "my_loss",
    }
    truth = np.array([[0, 1, 1], [1, -1, 0], [-1, -1, 1]], "float32")
    check_loss(ClassificationLoss, arguments, truth, LOGITS)
    arguments["multi_label"] = False
    loss = ClassificationLoss(**{**arguments, "reduction": None})
    values = to_numpy(loss(np.array([0, 2, 1]), LOGITS))
    assert values.shape == (3,)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_cross_entropy_of_class_indices(shape):
    labels = np.array([0, 2, 1])
    expected = -log_softmax(LOGITS)[np.arange(3), labels]
    values = ClassificationLoss(reduction=None)(labels.reshape(shape), LOGITS)
    np.testing.assert_allclose(to_numpy(values), expected, rtol=1e-5)


def test_label_smoothing_and_class_weights():
    labels, weights = np.array([0, 2, 1]), np.array([0.5, 1.0, 2.0])
    truth = np.eye(3)[labels] * 0.7 + 0.1
    expected = weights[labels] * -(truth * log_softmax(LOGITS)).sum(-1)
    loss = ClassificationLoss(
        label_smoothing=0.3, class_weights=[0.5, 1.0, 2.0], reduction=None
    )
    np.testing.assert_allclose(
        to_numpy(loss(labels, LOGITS)), expected, rtol=1e-5
    )


def test_unlabelled_sample_has_no_loss_and_no_gradient():
    loss = ClassificationLoss(reduction=None)
    labels = np.array([0, -1, 1])
    assert to_numpy(loss(labels, LOGITS))[1] == 0
    slope = gradient(lambda p: loss(labels, p), LOGITS)
    assert (slope[1] == 0).all()
    assert to_numpy(loss.labelled(labels)).tolist() == [True, False, True]


@pytest.mark.parametrize("missing", [-1.0, np.nan])
def test_unlabelled_attributes_count_nowhere(missing):
    truth = np.array([[1, missing, 0], [missing] * 3, [0, 1, 1]], "float32")
    loss = ClassificationLoss(multi_label=True, reduction=None)
    # log(1 + exp(-z)) for a yes, log(1 + exp(z)) for a no
    expected = [
        (np.log1p(np.exp(-1.0)) + np.log1p(np.exp(0.5))) / 2,
        0.0,
        np.log1p(np.exp([-1.0, -3.0, -2.0])).mean(),
    ]
    np.testing.assert_allclose(
        to_numpy(loss(truth, LOGITS)), expected, rtol=1e-5
    )
    slope = gradient(lambda p: loss(truth, p), LOGITS)
    assert np.isfinite(slope).all()
    assert slope[0, 1] == 0
    assert (slope[1] == 0).all()
    assert to_numpy(loss.labelled(truth)).tolist() == [True, False, True]


@pytest.mark.parametrize("multi_label", [False, True])
def test_extreme_logits(multi_label):
    logits = np.array([[100.0, -100.0], [-100.0, 100.0]], "float32")
    truth = np.array([[1, 0], [1, 0]]) if multi_label else np.array([0, 0])
    loss = ClassificationLoss(multi_label=multi_label, reduction=None)
    slope = gradient(lambda p: loss(truth, p), logits)
    np.testing.assert_allclose(
        to_numpy(loss(truth, logits)),
        [0, 100 if multi_label else 200],
        atol=1e-6,
    )
    assert np.isfinite(slope).all()
    # A confident mistake is pushed back at full strength.
    assert slope[1, 0] == pytest.approx(-0.5 if multi_label else -1.0)


def test_errors():
    with pytest.raises(ValueError, match="label_smoothing"):
        ClassificationLoss(label_smoothing=1.0)
    with pytest.raises(ValueError, match="one factor a class"):
        ClassificationLoss(class_weights=[1.0])(np.zeros(3), LOGITS)
    with pytest.raises(ValueError, match="single logit"):
        ClassificationLoss()(np.zeros(3), LOGITS[:, :1])
    with pytest.raises(ValueError, match="argmax"):
        ClassificationLoss()(np.eye(3), LOGITS)
    with pytest.raises(ValueError, match="same shape"):
        ClassificationLoss(multi_label=True)(np.zeros((3, 1)), LOGITS)


def test_equals_keras_for_full_labels():
    labels = np.array([0, 2, 1])
    theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert float(ClassificationLoss()(labels, LOGITS)) == pytest.approx(
        float(theirs(labels, LOGITS)), rel=1e-5
    )
