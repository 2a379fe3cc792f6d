import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.tasks.segmentation import SegmentationLoss

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(3, 4, 5, 3)).astype("float32")
LABELS = RNG.integers(0, 3, (3, 4, 5))
LABELS[0, :2] = 255
LABELS[1, 0] = -1


def expected(labels, logits, weights=(1.0, 1.0, 1.0)):
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    values = []
    for label, row in zip(labels, log_p):
        valid = (label >= 0) & (label < 3)
        index = label[valid]
        picked = row[valid][np.arange(len(index)), index]
        values.append((-np.array(weights)[index] * picked).mean())
    return values


def test_properties():
    arguments = {
        "ignore_class": 1,
        "class_weights": [0.5, 1.0, 2.0],
        "name": "my_loss",
    }
    check_loss(SegmentationLoss, arguments, LABELS, LOGITS)


@pytest.mark.parametrize("shape", [(3, 4, 5), (3, 4, 5, 1)])
def test_mean_over_the_labelled_pixels(shape):
    values = SegmentationLoss(reduction=None)(LABELS.reshape(shape), LOGITS)
    np.testing.assert_allclose(
        to_numpy(values), expected(LABELS, LOGITS), rtol=1e-5
    )


def test_class_weights():
    weights = [0.5, 1.0, 2.0]
    loss = SegmentationLoss(class_weights=weights, reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(LABELS, LOGITS)),
        expected(LABELS, LOGITS, weights),
        rtol=1e-5,
    )
    with pytest.raises(ValueError, match="one factor a class"):
        SegmentationLoss(class_weights=[1.0])(LABELS, LOGITS)


def test_one_logit_equals_two():
    one = LOGITS[..., :1]
    two = np.concatenate([np.zeros_like(one), one], axis=-1)
    labels = np.where(LABELS == 2, 1, LABELS)
    for weights in (None, [0.5, 2.0]):
        loss = SegmentationLoss(class_weights=weights, reduction=None)
        np.testing.assert_allclose(
            to_numpy(loss(labels, one)),
            to_numpy(loss(labels, two)),
            rtol=1e-4,
        )


def test_unlabelled_pixels_have_no_gradient():
    loss = SegmentationLoss(reduction=None)
    slope = gradient(lambda p: loss(LABELS, p), LOGITS)
    unlabelled = (LABELS < 0) | (LABELS == 255)
    assert (slope[unlabelled] == 0).all()
    assert (np.abs(slope[~unlabelled]).max(-1) > 0).all()


def test_sample_without_labels():
    labels = LABELS.copy()
    labels[1] = 255
    loss = SegmentationLoss(reduction=None)
    assert to_numpy(loss(labels, LOGITS))[1] == 0
    assert (gradient(lambda p: loss(labels, p), LOGITS)[1] == 0).all()
    assert to_numpy(loss.labelled(labels)).tolist() == [True, False, True]


@pytest.mark.parametrize("channels", [1, 3])
def test_extreme_logits(channels):
    logits = np.sign(LOGITS[..., :channels]) * 100
    labels = np.where(LABELS == 2, 1, LABELS)
    loss = SegmentationLoss(reduction=None)
    assert np.isfinite(to_numpy(loss(labels, logits))).all()
    assert np.isfinite(gradient(lambda p: loss(labels, p), logits)).all()
