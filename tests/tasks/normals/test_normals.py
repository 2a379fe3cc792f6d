import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.losses import check_loss
from batteries.metrics import check_metric, fed
from mtvision.tasks.normals import NormalAngles, NormalsHead, NormalsLoss

RNG = np.random.default_rng(0)
TRUTH = RNG.normal(size=(4, 5, 6, 3)).astype("float32")
TRUTH[0, :2] = np.nan
TRUTH[1, 0, :3] = 0
TRUTH[2, 0, 0, 1] = np.nan
NORMALS = RNG.normal(size=TRUTH.shape).astype("float32")
MEASURED = np.nan_to_num(np.abs(TRUTH).sum(-1)) > 0


def cosines():
    """Of each sample, at its measured pixels, in double precision."""
    for truth, guess, given in zip(TRUTH, NORMALS, MEASURED):
        a, b = (x[given].astype("float64") for x in (truth, guess))
        lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
        yield (a * b).sum(-1) / lengths


def test_head():
    features = {
        "P2": RNG.normal(size=(2, 4, 4, 5)).astype("float32"),
        "P3": RNG.normal(size=(2, 2, 2, 6)).astype("float32"),
    }
    outputs = check_layer(NormalsHead, {"filters": 8, "depth": 2}, features)
    assert outputs.shape == (2, 16, 16, 3)
    np.testing.assert_allclose(np.linalg.norm(outputs, axis=-1), 1, rtol=1e-4)
    image = np.zeros((2, 15, 14, 3), "float32")
    assert NormalsHead(filters=4)(features, image).shape == (2, 15, 14, 3)


def test_a_head_that_sees_nothing_is_finite():
    head = NormalsHead(filters=None, depth=0)
    x = np.zeros((1, 2, 2, 4), "float32")
    assert to_numpy(head({"P0": x})).tolist() == np.zeros((1, 2, 2, 3)).tolist()
    assert np.isfinite(gradient(lambda x: head({"P0": x}), x)).all()


def test_properties_of_the_loss():
    check_loss(NormalsLoss, {"name": "my_loss"}, TRUTH, NORMALS)


def test_the_loss_is_one_minus_the_mean_cosine():
    found = NormalsLoss(reduction=None)(TRUTH, NORMALS)
    expected = [1 - each.mean() for each in cosines()]
    np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-4)


def test_lengths_do_not_matter():
    loss = NormalsLoss(reduction=None)
    scale = RNG.uniform(0.1, 9, (4, 5, 6, 1)).astype("float32")
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH * scale, NORMALS / scale)),
        to_numpy(loss(TRUTH, NORMALS)),
        rtol=1e-4,
    )


def test_what_is_not_measured_has_no_gradient():
    truth = TRUTH.copy()
    truth[3] = np.nan
    loss = NormalsLoss(reduction=None)
    assert to_numpy(loss(truth, NORMALS))[3] == 0
    slope = np.abs(gradient(lambda p: loss(truth, p), NORMALS)).sum(-1)
    assert (slope[~MEASURED] == 0).all()
    assert (slope[3] == 0).all()
    assert (slope[:3][MEASURED[:3]] > 0).all()
    assert to_numpy(loss.labelled(truth)).tolist() == [True] * 3 + [False]


def test_metric():
    found = check_metric(NormalAngles, {}, TRUTH, NORMALS)
    angles = np.degrees(np.arccos(np.concatenate(list(cosines()))))
    assert found == pytest.approx(
        {
            "mean": angles.mean(),
            "median": found["median"],
            "within_11": (angles < 11.25).mean(),
            "within_22": (angles < 22.5).mean(),
            "within_30": (angles < 30).mean(),
        },
        rel=1e-5,
    )
    # Of an even number the median is anywhere between the middle two.
    low, high = np.sort(angles)[[len(angles) // 2 - 1, len(angles) // 2]]
    assert low - 0.05 <= found["median"] <= high + 0.05


def test_the_metric_takes_weights_of_pixels():
    weight = (RNG.uniform(size=MEASURED.shape) > 0.5).astype("float32")
    dropped = np.where(weight[..., None] > 0, TRUTH, 0)
    metric = NormalAngles()
    assert fed(metric, (TRUTH, NORMALS, weight)) == pytest.approx(
        fed(metric, (dropped, NORMALS))
    )


def test_errors():
    loss, output = NormalsLoss(), keras.Input((5, None, 3))
    loss.check_truth(TRUTH, output)
    with pytest.raises(ValueError, match=r"\(4, 6\).*\(5, None\).*NormalsHead"):
        loss.check_truth(TRUTH[:, :4], output)
    with pytest.raises(ValueError, match="x, y, z"):
        loss.check_truth(TRUTH[..., :2], output)
    with pytest.raises(ValueError, match="normal_angles expects.*same shape"):
        NormalAngles().update_state(TRUTH[..., 0], NORMALS)
