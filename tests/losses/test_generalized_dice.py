from pathlib import Path

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import GeneralizedDice

# MONAI 1.6.1, GeneralizedDiceLoss(softmax=True, to_onehot_y=True); image 0
# holds one class only.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "dice.npz")
LOGITS, LABELS = VECTORS["logits"], VECTORS["labels"].astype("int32")


def test_properties():
    arguments = {
        "from_logits": False,
        "ignore_class": 255,
        "include_background": False,
        "multi_label": True,
        "weighting": "simple",
        "batch": True,
        "smooth": 1.0,
        "name": "my_loss",
    }
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    check_loss(GeneralizedDice, arguments, np.eye(4)[LABELS], p)


def test_value_and_gradient_of_monai():
    loss = GeneralizedDice(smooth=1e-5)
    expected = float(VECTORS["generalized"])
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)
    slope = gradient(lambda p: loss(LABELS, p), LOGITS)
    expected = VECTORS["generalized_grad"]
    np.testing.assert_allclose(
        slope, expected, atol=1e-5 * np.abs(expected).max()
    )


def test_size_of_the_map_does_not_matter():
    loss = GeneralizedDice(reduction=None)
    large = (
        np.tile(x, (1, 20, 20) + (1,) * (x.ndim - 3)) for x in (LABELS, LOGITS)
    )
    np.testing.assert_allclose(
        to_numpy(loss(*large)), to_numpy(loss(LABELS, LOGITS)), rtol=1e-4
    )


def test_perfect_and_opposite_predictions():
    loss = GeneralizedDice(reduction=None)
    sure = 1000 * np.eye(4, dtype="float32")
    np.testing.assert_allclose(to_numpy(loss(LABELS, sure[LABELS])), 0)
    wrong = to_numpy(loss(LABELS, sure[(LABELS + 1) % 4]))
    np.testing.assert_allclose(wrong, 1)


@pytest.mark.parametrize("include_background", [True, False])
def test_sample_without_labels(include_background):
    labels = LABELS.copy()
    labels[1] = -1
    loss = GeneralizedDice(
        include_background=include_background, reduction=None
    )
    assert to_numpy(loss(labels, LOGITS))[1] == 0
    slope = gradient(lambda p: loss(labels, p), LOGITS)
    assert np.isfinite(slope).all()
    assert (slope[1] == 0).all()
    assert to_numpy(loss.labelled(labels)).tolist() == [True, False, True]


def test_extreme_logits():
    logits = 100 * np.sign(LOGITS)
    loss = GeneralizedDice()
    assert np.isfinite(gradient(lambda p: loss(LABELS, p), logits)).all()


def test_errors():
    with pytest.raises(ValueError, match="smooth.*-1"):
        GeneralizedDice(smooth=-1)
    with pytest.raises(ValueError, match="simple.*received weighting='cube'"):
        GeneralizedDice(weighting="cube")
