import math

import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.losses import check_loss
from batteries.metrics import check_metric, fed
from mtvision.tasks.depth import (
    BerHuLoss,
    DepthErrors,
    DepthHead,
    DepthL1Loss,
    ScaleInvariantDepthLoss,
)

RNG = np.random.default_rng(0)
TRUTH = RNG.uniform(0.5, 8, (4, 5, 6)).astype("float32")
TRUTH[0, :2] = np.nan
TRUTH[1, 0, :3] = 0
DEPTH = RNG.uniform(0.5, 8, (4, 5, 6, 1)).astype("float32")
LOSSES = {
    DepthL1Loss: {},
    BerHuLoss: {"threshold": 0.3},
    ScaleInvariantDepthLoss: {"invariance": 0.9},
}


def pairs():
    """The measured depths of each sample, and those predicted there."""
    for truth, depth in zip(TRUTH, DEPTH[..., 0]):
        yield truth[truth > 0], depth[truth > 0]


def test_head():
    features = {
        "P2": RNG.normal(size=(2, 4, 4, 5)).astype("float32"),
        "P3": RNG.normal(size=(2, 2, 2, 6)).astype("float32"),
    }
    arguments = {"filters": 8, "depth": 2, "minimum": 0.5}
    outputs = check_layer(DepthHead, arguments, features)
    assert outputs.shape == (2, 16, 16, 1)
    assert outputs.min() > 0.5
    image = np.zeros((2, 15, 14, 3), "float32")
    assert DepthHead(filters=4)(features, image).shape == (2, 15, 14, 1)


def test_depths_are_the_softplus_of_what_a_pixel_is_given():
    head = DepthHead(filters=None, depth=0)
    x = RNG.normal(size=(1, 4, 4, 2)).astype("float32") * 30
    head({"P0": x})
    kernel = np.array([[[[2.0], [-1.0]]]], "float32")
    head.set_weights([kernel, np.array([0.5], "float32")])
    raw = 2 * x[..., :1] - x[..., 1:] + 0.5
    expected = np.logaddexp(0, raw) + 1e-3
    found = to_numpy(head({"P0": x}))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("cls", LOSSES)
def test_properties_of_losses(cls):
    arguments = {**LOSSES[cls], "name": "my_loss"}
    check_loss(cls, arguments, TRUTH, DEPTH)


@pytest.mark.parametrize("cls", LOSSES)
@pytest.mark.parametrize("missing", [np.nan, 0.0, -1.0])
def test_what_is_not_measured_has_no_gradient(cls, missing):
    truth = TRUTH.copy()
    truth[2] = missing
    truth[3, 1:3] = missing
    loss = cls(reduction=None)
    assert to_numpy(loss(truth, DEPTH))[2] == 0
    slope = gradient(lambda p: loss(truth, p), DEPTH)[..., 0]
    measured = truth > 0
    assert (slope[~measured] == 0).all()
    assert (slope[measured] != 0).mean() > 0.9
    assert to_numpy(loss.labelled(truth)).tolist() == [True, True, False, True]


@pytest.mark.parametrize("cls", LOSSES)
def test_a_perfect_prediction_costs_nothing(cls):
    truth = np.abs(TRUTH[..., None])
    guess = np.where(truth > 0, truth, 1.0).astype("float32")
    loss = cls(reduction=None)
    np.testing.assert_allclose(to_numpy(loss(truth, guess)), 0, atol=1e-6)
    assert np.isfinite(gradient(lambda p: loss(truth, p), guess)).all()


def test_l1_is_the_mean_absolute_error():
    expected = [np.abs(depth - truth).mean() for truth, depth in pairs()]
    values = DepthL1Loss(reduction=None)(TRUTH, DEPTH)
    np.testing.assert_allclose(to_numpy(values), expected, rtol=1e-5)


def test_berhu_equals_a_loop():
    expected = []
    for truth, depth in pairs():
        errors = np.abs(depth - truth)
        c = 0.2 * errors.max()
        values = [e if e <= c else (e * e + c * c) / (2 * c) for e in errors]
        expected.append(np.mean(values))
    values = BerHuLoss(reduction=None)(TRUTH, DEPTH)
    np.testing.assert_allclose(to_numpy(values), expected, rtol=1e-5)


def test_scale_invariant_loss_equals_the_sum_over_pairs():
    """Equation 3 of the paper: with lambda 1, pairs of pixels compared."""
    one = ScaleInvariantDepthLoss(invariance=1.0, reduction=None)
    half = ScaleInvariantDepthLoss(reduction=None)
    none = ScaleInvariantDepthLoss(invariance=0.0, reduction=None)
    by_pairs = []
    for truth, depth in pairs():
        d = np.log(depth) - np.log(truth)
        gaps = d[:, None] - d
        by_pairs.append((gaps**2).sum() / (2 * len(d) ** 2))
    found = [to_numpy(loss(TRUTH, DEPTH)) for loss in (one, half, none)]
    np.testing.assert_allclose(found[0], by_pairs, rtol=1e-4)
    np.testing.assert_allclose(found[1], (found[0] + found[2]) / 2, rtol=1e-4)
    np.testing.assert_allclose(
        to_numpy(one(TRUTH, 3 * DEPTH)), found[0], rtol=1e-4
    )
    assert (np.abs(to_numpy(none(TRUTH, 3 * DEPTH)) - found[2]) > 0.1).all()


def test_both_forms_of_the_truth():
    for loss in (cls(reduction=None) for cls in LOSSES):
        np.testing.assert_array_equal(
            to_numpy(loss(TRUTH, DEPTH)),
            to_numpy(loss(TRUTH[..., None], DEPTH)),
        )


def test_metric():
    found = check_metric(DepthErrors, {}, TRUTH, DEPTH)
    truth, depth = (np.concatenate(each) for each in zip(*pairs()))
    ratio = np.maximum(truth / depth, depth / truth)
    expected = {
        "absolute": np.abs(depth - truth).mean(),
        "relative": (np.abs(depth - truth) / truth).mean(),
        "rmse": math.sqrt(((depth - truth) ** 2).mean()),
        "rmse_log": math.sqrt(((np.log(depth) - np.log(truth)) ** 2).mean()),
        "delta1": (ratio < 1.25).mean(),
        "delta2": (ratio < 1.25**2).mean(),
        "delta3": (ratio < 1.25**3).mean(),
    }
    assert found == pytest.approx(expected, rel=1e-5)


def test_the_metric_takes_weights_of_pixels():
    weight = (RNG.uniform(size=TRUTH.shape) > 0.5).astype("float32")
    dropped = np.where(weight > 0, TRUTH, np.nan)
    metric = DepthErrors()
    assert fed(metric, (TRUTH, DEPTH, weight)) == pytest.approx(
        fed(metric, (dropped[..., None], DEPTH))
    )


def test_errors():
    for wrong in ({"minimum": 0.0}, {"filters": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            DepthHead(**wrong)
    with pytest.raises(ValueError, match="threshold"):
        BerHuLoss(threshold=-1)
    with pytest.raises(ValueError, match="invariance"):
        ScaleInvariantDepthLoss(invariance=1.5)
    loss, output = DepthL1Loss(), keras.Input((None, 6, 1))
    loss.check_truth(TRUTH, output)
    with pytest.raises(ValueError, match=r"\(5, 4\).*\(None, 6\).*DepthHead"):
        loss.check_truth(TRUTH[..., :4], output)
    with pytest.raises(ValueError, match="same shape"):
        loss(TRUTH[..., :4], DEPTH)


@pytest.mark.parametrize("cls", LOSSES)
def test_what_is_further_than_any_camera_sees_is_not_measured(cls):
    loss = cls(**LOSSES[cls], reduction=None)
    far, gone = TRUTH.copy(), TRUTH.copy()
    far[2, 1, 3] = 3e38
    gone[2, 1, 3] = np.nan
    with pytest.raises(ValueError, match="sample 2 has a depth of 3e.38"):
        loss.check_truth(far, DEPTH)
    loss.check_truth(gone, DEPTH)
    np.testing.assert_array_equal(
        to_numpy(loss(far, DEPTH)), to_numpy(loss(gone, DEPTH))
    )
    scores = fed(DepthErrors(), (far, DEPTH))
    assert scores == fed(DepthErrors(), (gone, DEPTH))
