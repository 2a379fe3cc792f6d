from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import SmoothL1

VECTORS = np.load(Path(__file__).parents[1] / "vectors" / "boxes.npz")
P = VECTORS["smooth_l1/p"].astype("float32")
Q = VECTORS["smooth_l1/q"].astype("float32")


def test_properties():
    arguments = {"beta": 0.5, "name": "my_loss"}
    check_loss(SmoothL1, arguments, Q.reshape(5, 4), P.reshape(5, 4))


@pytest.mark.parametrize("beta", ["1", "0.5", "0.1111", "0"])
def test_values_and_gradients_of_pytorch(beta):
    loss = SmoothL1(
        beta=1 / 9 if beta == "0.1111" else float(beta), reduction=None
    )
    values = to_numpy(loss(Q, P))
    slope = gradient(lambda p: loss(Q, p), P)
    np.testing.assert_allclose(
        values, VECTORS[f"smooth_l1/{beta}/y"], atol=1e-6
    )
    smooth = (P != Q) | (float(beta) > 0)  # |x| has no slope at 0
    np.testing.assert_allclose(
        slope[smooth], VECTORS[f"smooth_l1/{beta}/g"][smooth], atol=1e-6
    )


def test_mean_over_all_but_the_batch():
    values = SmoothL1(reduction=None)(Q.reshape(2, 5, 2), P.reshape(2, 5, 2))
    expected = VECTORS["smooth_l1/1/y"].reshape(2, 10).mean(1)
    np.testing.assert_allclose(to_numpy(values), expected, rtol=1e-5)


def test_is_huber_over_beta():
    theirs = keras.losses.Huber(delta=0.3)(Q[None], P[None])
    ours = SmoothL1(beta=0.3)(Q[None], P[None])
    assert float(ours) == pytest.approx(float(theirs) / 0.3, rel=1e-5)


def test_errors():
    with pytest.raises(ValueError, match="beta=-1"):
        SmoothL1(beta=-1)
    with pytest.raises(ValueError, match="same shape"):
        SmoothL1()(Q, P[:, None])
