from pathlib import Path

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import Dice

# MONAI 1.6.1, DiceLoss(to_onehot_y=True, softmax=True, ...), mean over batch
# and classes; image 0 holds one class only.
VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "dice.npz")
LOGITS, LABELS = VECTORS["logits"], VECTORS["labels"].astype("int32")


def test_properties():
    arguments = {
        "from_logits": False,
        "ignore_class": 255,
        "include_background": False,
        "multi_label": True,
        "squared": True,
        "jaccard": True,
        "class_weights": [0.5, 1.0, 2.0, 3.0],
        "batch": True,
        "smooth": [0.5, 1.0],
        "name": "my_dice",
    }
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    check_loss(Dice, arguments, np.eye(4)[LABELS], p)
    loss = Dice(from_logits=False)(LABELS, p)
    assert float(loss) == pytest.approx(float(Dice()(LABELS, LOGITS)))


@pytest.mark.parametrize(
    ("variant", "options"),
    [
        ("softmax", {}),
        ("softmax_nobg", {"include_background": False}),
        ("softmax_sq", {"squared": True}),
        ("smooth0", {"smooth": 0.0}),
    ],
)
def test_value_and_gradient_of_monai(variant, options):
    loss = Dice(**options)
    value = float(loss(LABELS, LOGITS))
    assert value == pytest.approx(float(VECTORS[variant]), rel=1e-5)
    slope = gradient(lambda p: loss(LABELS, p), LOGITS)
    expected = VECTORS[f"{variant}_grad"]
    np.testing.assert_allclose(
        slope, expected, atol=1e-5 * np.abs(expected).max()
    )


def test_hard_predictions_give_the_hard_score():
    found = LOGITS.argmax(-1)
    loss = Dice(smooth=0.0, reduction=None)
    values = to_numpy(loss(LABELS, 1000 * np.eye(4, dtype="float32")[found]))
    expected = VECTORS["hard"][1:].mean(-1)  # NaN for absent classes
    np.testing.assert_allclose(1 - values[1:], expected, rtol=1e-5)


def test_perfect_and_opposite_predictions():
    loss = Dice(reduction=None)
    sure = 1000 * np.eye(4, dtype="float32")
    np.testing.assert_allclose(to_numpy(loss(LABELS, sure[LABELS])), 0)
    wrong = to_numpy(loss(LABELS, sure[(LABELS + 1) % 4]))
    np.testing.assert_allclose(wrong[1:], 1, atol=1e-4)


@pytest.mark.parametrize("shape", [(3, 12, 10), (3, 12, 10, 1)])
def test_ignored_pixels_count_nowhere(shape):
    labels = LABELS.copy()
    labels[:, 6:] = 255
    loss = Dice(ignore_class=255, reduction=None)
    values = to_numpy(loss(labels.reshape(shape), LOGITS))
    expected = to_numpy(loss(LABELS[:, :6], LOGITS[:, :6]))
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    slope = gradient(lambda p: loss(labels, p), LOGITS)
    assert (slope[:, 6:] == 0).all()
    assert np.abs(slope[:, :6]).max() > 0


def test_sample_without_labels():
    labels = LABELS.copy()
    labels[1] = -1
    loss = Dice(reduction=None)
    assert to_numpy(loss(labels, LOGITS))[1] == 0
    assert (gradient(lambda p: loss(labels, p), LOGITS)[1] == 0).all()
    assert to_numpy(loss.labelled(labels)).tolist() == [True, False, True]


def test_one_channel_is_the_second_of_two():
    labels = np.minimum(LABELS, 1)
    one = LOGITS[..., :1]
    two = np.concatenate([np.zeros_like(one), one], -1)
    foreground = Dice(include_background=False, reduction=None)
    for loss in (Dice(reduction=None), foreground):
        np.testing.assert_allclose(
            to_numpy(loss(labels, one)),
            to_numpy(foreground(labels, two)),
            rtol=1e-5,
        )


@pytest.mark.parametrize("smooth", [0.0, 1e-5])
def test_extreme_logits(smooth):
    logits = 100 * np.sign(LOGITS)
    loss = Dice(smooth=smooth)
    assert np.isfinite(float(loss(LABELS, logits)))
    assert np.isfinite(gradient(lambda p: loss(LABELS, p), logits)).all()


def test_errors():
    with pytest.raises(ValueError, match="smooth.*-1"):
        Dice(smooth=-1)
    with pytest.raises(ValueError, match="a pair"):
        Dice(smooth=(1, 2, 3))
    with pytest.raises(ValueError, match="one factor a class"):
        Dice(class_weights=[1.0])(LABELS, LOGITS)
    with pytest.raises(ValueError, match="multi"):
        Dice(multi_label=True, name="multi")(LABELS, LOGITS)
    with pytest.raises(ValueError, match="argmax"):
        Dice()(np.eye(4)[LABELS], LOGITS)
