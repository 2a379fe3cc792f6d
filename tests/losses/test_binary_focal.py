from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import BinaryFocal

VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "focal.npz")
LOGITS = VECTORS["logits"].astype("float32")
LABELS = VECTORS["labels"].astype("float32")


def test_properties():
    arguments = {"alpha": 0.75, "gamma": 1.5, "name": "my_loss"}
    values = check_loss(BinaryFocal, arguments, LABELS, LOGITS)
    expected = VECTORS["a0.75_g1.5/y"].mean(-1)
    np.testing.assert_allclose(values, expected, rtol=1e-5)


@pytest.mark.parametrize("missing", [np.nan, -1.0])
def test_missing_labels_teach_nothing(missing):
    labels = LABELS.copy()
    labels[0, 2:] = labels[1] = missing
    loss = BinaryFocal(reduction=None)
    values = to_numpy(loss(labels, LOGITS))
    expected = VECTORS["a0.25_g2.0/y"]
    assert values[0] == pytest.approx(expected[0, :2].mean(), rel=1e-5)
    assert values[1] == 0
    assert values[2] == pytest.approx(expected[2].mean(), rel=1e-5)
    slope = gradient(lambda p: loss(labels, p), LOGITS)
    assert (slope[0, 2:] == 0).all()
    assert (slope[1] == 0).all()
    assert (slope[2] != 0).all()
    expected = [True, False, True, True, True, True]
    assert to_numpy(loss.labelled(labels)).tolist() == expected


@pytest.mark.parametrize("dtype", ["int32", "bool", "float64"])
def test_dtypes_of_truth(dtype):
    found = float(BinaryFocal()(LABELS.astype(dtype), LOGITS))
    assert found == pytest.approx(VECTORS["a0.25_g2.0/y"].mean(), rel=1e-5)


def test_without_focus_it_is_the_cross_entropy():
    loss = BinaryFocal(alpha=None, gamma=0)(LABELS, LOGITS)
    expected = keras.losses.BinaryCrossentropy(from_logits=True)
    assert float(loss) == pytest.approx(float(expected(LABELS, LOGITS)))


def test_errors():
    for options in ({"alpha": -1}, {"gamma": -2}):
        with pytest.raises(ValueError, match="received"):
            BinaryFocal(**options)
    with pytest.raises(ValueError, match="same shape"):
        BinaryFocal()(LABELS[:, 0], LOGITS)
    with pytest.raises(ValueError, match="sample 0 has the label 3"):
        BinaryFocal().check_truth(LABELS + 3, LOGITS)
