import keras
import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.losses import check_loss
from batteries.metrics import check_metric, fed
from mtvision.tasks.edges import EdgeFMeasure, EdgesHead, EdgesLoss

RNG = np.random.default_rng(0)
TRUTH = (RNG.uniform(size=(4, 6, 7)) > 0.8).astype("int32")
TRUTH[0, :2] = 255
TRUTH[1, 0, :3] = -1
LOGITS = RNG.normal(size=(4, 6, 7, 1)).astype("float32")
LABELLED = (TRUTH == 0) | (TRUTH == 1)


def test_head():
    features = {
        "P1": RNG.normal(size=(2, 8, 8, 5)).astype("float32"),
        "P2": RNG.normal(size=(2, 4, 4, 6)).astype("float32"),
    }
    outputs = check_layer(EdgesHead, {"filters": 8, "depth": 2}, features)
    assert outputs.shape == (2, 16, 16, 1)
    image = np.zeros((2, 15, 14, 3), "float32")
    assert EdgesHead(filters=4)(features, image).shape == (2, 15, 14, 1)


def test_properties_of_the_loss():
    arguments = {"positive_weight": 0.7, "name": "my_loss"}
    check_loss(EdgesLoss, arguments, TRUTH, LOGITS)
    check_loss(EdgesLoss, arguments, TRUTH[..., None], LOGITS)


def test_both_kinds_weigh_alike():
    """An edge costs as much as all that is none, at logits of zero."""
    slope = gradient(lambda p: EdgesLoss()(TRUTH, p), 0 * LOGITS)[..., 0]
    for truth, each in zip(TRUTH, slope):
        assert each[truth == 1].sum() == pytest.approx(-each[truth == 0].sum())


def test_unlabelled_pixels_have_no_gradient():
    truth = TRUTH.copy()
    truth[3] = 255
    loss = EdgesLoss(reduction=None)
    assert to_numpy(loss(truth, LOGITS))[3] == 0
    slope = gradient(lambda p: loss(truth, p), LOGITS)[..., 0]
    assert (slope[~LABELLED] == 0).all()
    assert (slope[3] == 0).all()
    assert (slope[:3][LABELLED[:3]] != 0).all()
    assert to_numpy(loss.labelled(truth)).tolist() == [True] * 3 + [False]


def test_extreme_logits():
    logits = 100 * np.sign(LOGITS)
    loss = EdgesLoss(reduction=None)
    assert np.isfinite(to_numpy(loss(TRUTH, logits))).all()
    assert np.isfinite(gradient(lambda p: loss(TRUTH, p), logits)).all()


def test_properties_of_the_metric():
    arguments = {"tolerance": 2, "num_thresholds": 20}
    check_metric(EdgeFMeasure, arguments, TRUTH, LOGITS)


def test_without_tolerance_it_is_the_best_f1_of_scikit_learn():
    # Probabilities between the thresholds, so that none is missed.
    p = RNG.integers(1, 99, TRUTH.shape) / 100 + 0.005
    logits = np.log(p / (1 - p)).astype("float32")[..., None]
    metric = EdgeFMeasure(tolerance=0)
    found = fed(metric, (TRUTH, logits))
    precision, recall, thresholds = precision_recall_curve(
        TRUTH[LABELLED], p[LABELLED]
    )
    scores = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    assert found == pytest.approx(scores.max(), rel=1e-5)
    best = thresholds[scores.argmax()]
    # Equally good are all thresholds down to the next lower probability.
    assert best - 0.1 <= metric.best_threshold() <= best


def test_nan_scores_zero():
    for tolerance in (0, 1):
        metric = EdgeFMeasure(tolerance=tolerance)
        assert fed(metric, (TRUTH, np.full_like(LOGITS, np.nan))) == 0


def test_tolerance_forgives_a_shift():
    truth = np.zeros((1, 8, 8), "int32")
    truth[0, :, 3] = 1
    logits = np.full((1, 8, 8, 1), -9, "float32")
    logits[0, :, 5] = 9
    shifted = [
        fed(EdgeFMeasure(tolerance=t), (truth, logits)) for t in (0, 1, 2)
    ]
    assert shifted == [0, 0, 1]


def test_errors():
    for wrong in ({"tolerance": -1}, {"num_thresholds": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            EdgeFMeasure(**wrong)
    with pytest.raises(ValueError, match="positive_weight"):
        EdgesLoss(positive_weight=2)
    loss, output = EdgesLoss(), keras.Input((None, 7, 1))
    loss.check_truth(TRUTH, output)
    with pytest.raises(ValueError, match=r"\(6, 4\).*EdgesHead"):
        loss.check_truth(TRUTH[..., :4], output)
    wrong = TRUTH.copy()
    wrong[2, 0, 0] = 3
    with pytest.raises(ValueError, match="sample 2 has the class 3"):
        loss.check_truth(wrong, output)
    several = np.zeros((4, 6, 7, 3), "float32")
    for each in (EdgesLoss(), EdgeFMeasure()):
        with pytest.raises(ValueError, match="one logit a pixel"):
            each(TRUTH, several)
    with pytest.raises(ValueError, match="one logit a pixel"):
        EdgesLoss().check_truth(TRUTH, several)
