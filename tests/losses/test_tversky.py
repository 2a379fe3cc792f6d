from pathlib import Path

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import Dice, Tversky

# MONAI 1.6.1, TverskyLoss(alpha=0.3, beta=0.7), of softmaxed logits; image 0
# holds one class only.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "dice.npz")
LOGITS, LABELS = VECTORS["logits"], VECTORS["labels"].astype("int32")


def test_properties():
    arguments = {
        "alpha": 0.2,
        "beta": 0.6,
        "from_logits": False,
        "ignore_class": 255,
        "include_background": False,
        "multi_label": True,
        "class_weights": [0.5, 1.0, 2.0, 3.0],
        "batch": True,
        "smooth": 1.0,
        "name": "my_loss",
    }
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    check_loss(Tversky, arguments, np.eye(4)[LABELS], p)


def test_value_and_gradient_of_monai():
    loss = Tversky(alpha=0.3, beta=0.7)
    expected = float(VECTORS["tversky"])
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)
    slope = gradient(lambda p: loss(LABELS, p), LOGITS)
    expected = VECTORS["tversky_grad"]
    np.testing.assert_allclose(
        slope, expected, atol=1e-5 * np.abs(expected).max()
    )


@pytest.mark.parametrize("include_background", [True, False])
def test_equal_weights_are_dice(include_background):
    options = {"include_background": include_background, "reduction": None}
    tversky = Tversky(alpha=0.5, beta=0.5, smooth=0.5, **options)
    dice = Dice(smooth=1.0, **options)
    np.testing.assert_allclose(
        to_numpy(tversky(LABELS, LOGITS)), to_numpy(dice(LABELS, LOGITS)), 1e-5
    )


def test_a_miss_is_worse_than_a_false_alarm():
    labels = np.array([[[1, 0]], [[1, 1]]])
    found = np.array([[[1, 1]], [[1, 0]]])
    logits = 100 * np.eye(2, dtype="float32")[found]
    loss = Tversky(include_background=False, reduction=None)
    alarm, miss = to_numpy(loss(labels, logits))
    assert alarm == pytest.approx(1 - 1 / 1.3, rel=1e-4)
    assert miss == pytest.approx(1 - 1 / 1.7, rel=1e-4)


def test_ignored_pixels_count_nowhere():
    labels = LABELS.copy()
    labels[:, 6:] = 255
    loss = Tversky(ignore_class=255, reduction=None)
    expected = to_numpy(loss(LABELS[:, :6], LOGITS[:, :6]))
    np.testing.assert_allclose(to_numpy(loss(labels, LOGITS)), expected, 1e-5)
    slope = gradient(lambda p: loss(labels, p), LOGITS)
    assert (slope[:, 6:] == 0).all()


@pytest.mark.parametrize("smooth", [0.0, 1e-5])
def test_extreme_logits(smooth):
    logits = 100 * np.sign(LOGITS)
    loss = Tversky(smooth=smooth)
    assert np.isfinite(float(loss(LABELS, logits)))
    assert np.isfinite(gradient(lambda p: loss(LABELS, p), logits)).all()


def test_errors():
    with pytest.raises(ValueError, match="beta.*-1"):
        Tversky(beta=-1)
    with pytest.raises(ValueError, match="smooth.*-1"):
        Tversky(smooth=-1)
