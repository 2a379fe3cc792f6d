"""Numbers of others.

TorchJD 0.18.0 in float64; where the name says so, LibMTL at 4336804 in
float32 and the FAMO authors' code at 0a6ad06.
"""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import parameter_gradients
from batteries.loss_balancers import run
from mtvision.balancing import (
    DWA,
    FAMO,
    GLS,
    IMTLL,
    STCH,
    UncertaintyWeighting,
)

PATH = Path(__file__).parents[1] / "vectors" / "balancing_losses.json"
VECTORS = json.loads(PATH.read_text())
LOSSES, SEQUENCES = VECTORS["losses"], VECTORS["sequences"]
STCH_CASES = {
    f"STCH_mu{mu}_uniform_noref": STCH(mu=mu, warm_up=None)
    for mu in (0.1, 0.5, 1.0)
}
METHODS = {
    "GeometricMean": GLS(),
    "UW_s0": UncertaintyWeighting(),
    "IMTLL_s0": IMTLL(),
    "FAMO_first_call": FAMO(),
    **STCH_CASES,
}
TRAINED = {
    "UW_SGD0.1": (UncertaintyWeighting, "param", 0.0),
    "IMTLL_SGD0.01": (IMTLL, "param", 0.0),
    "LibMTL_UW_SGD0.1_on_s": (UncertaintyWeighting, "v", -0.5),
}
FAMO_DECAYS = {
    "FAMO_lr0.025_wd1e-3": 1e-3,
    "FAMO_official_lr0.025_gamma0.01": 1e-2,
}


def clone(balancer):
    return type(balancer).from_config(balancer.get_config())


class Objective(keras.Model):
    """What is trained, of losses that are given."""

    def __init__(self, balancer):
        super().__init__()
        self.balancer = balancer
        self.scales = balancer.state
        self.built = True

    def call(self, losses, training=None):
        losses = keras.ops.convert_to_tensor(losses, "float32")
        active = keras.ops.ones(losses.shape, "bool")
        weights = self.balancer.step(losses, active=active)
        weighted = keras.ops.sum(weights * losses)
        return weighted + self.balancer.penalty(active)


def gradient_of_scales(balancer, losses):
    losses = np.array(losses, "float32")
    model = Objective(balancer)
    (slope,) = parameter_gradients(model, losses, lambda x: x).values()
    return slope


@pytest.mark.parametrize("size", ["T2", "T3", "T5"])
@pytest.mark.parametrize("name", METHODS)
def test_weights_are_the_derivatives_of_the_value(name, size):
    case = LOSSES[name][size]
    weights = run(clone(METHODS[name]), [case["losses"]])[0]
    np.testing.assert_allclose(weights, case["grad"], rtol=3e-5, atol=1e-8)


@pytest.mark.parametrize("size", ["T2", "T3", "T5"])
@pytest.mark.parametrize("name", ["UW_s0", "IMTLL_s0"])
def test_gradient_of_the_scales(name, size):
    case = LOSSES[name][size]
    balancer = clone(METHODS[name])
    balancer.build(len(case["losses"]))
    (expected,) = case["param_grad"].values()
    if name == "IMTLL_s0":
        value = float(Objective(balancer)(np.array(case["losses"])))
        assert value == pytest.approx(case["value"], rel=1e-5)
    slope = gradient_of_scales(balancer, case["losses"])
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("smoothing", [0.0, 0.9])
def test_scales_under_gradient_descent(name, smoothing):
    cls, key, initial = TRAINED[name]
    rate = float(name.split("SGD")[1].split("_")[0])
    balancer = cls(initial=initial, smoothing=smoothing)
    balancer.build(3)
    optimizer = keras.optimizers.SGD(rate)
    scale = balancer.log_scale
    for losses, step in zip(
        SEQUENCES[name]["losses"], SEQUENCES[name]["steps"]
    ):
        before = keras.ops.convert_to_numpy(scale.value)
        np.testing.assert_allclose(before, step[f"{key}_before"], atol=1e-5)
        if not smoothing and "loss_weights" in step:
            weights = run(balancer, [losses])[0]
            np.testing.assert_allclose(weights, step["loss_weights"], 1e-5)
        slope = gradient_of_scales(balancer, losses)
        slope = keras.ops.convert_to_tensor(slope)
        optimizer.apply([slope], [scale])
        after = keras.ops.convert_to_numpy(scale.value)
        np.testing.assert_allclose(after, step[f"{key}_after"], atol=1e-5)


@pytest.mark.parametrize("window", [None, 1, 4])
def test_dwa(window):
    case = SEQUENCES["DWA_T2"]
    balancer = DWA(temperature=2.0, window=window)
    balancer.build(3)
    for losses, theirs, theirs_too in zip(
        case["epoch_mean_losses"],
        case["weights_used_in_epoch_torchjd"],
        case["weights_used_in_epoch_LibMTL"],
    ):
        # Batches around the mean of the epoch.
        for factor in [1.0] if window == 1 else [0.5, 1.5, 1.25, 0.75]:
            batch = keras.ops.convert_to_tensor(factor * np.array(losses))
            weights = balancer.step(keras.ops.cast(batch, "float32"))
            weights = keras.ops.convert_to_numpy(weights)
            np.testing.assert_allclose(weights, theirs, rtol=1e-5)
            np.testing.assert_allclose(weights, theirs_too, rtol=1e-5)
        balancer.on_epoch_end()


@pytest.mark.parametrize("after_the_step", [True, False])
@pytest.mark.parametrize("name", FAMO_DECAYS)
def test_famo(name, after_the_step):
    """The losses after a step are those of the next one, in this sequence."""
    balancer = FAMO(weight_decay=FAMO_DECAYS[name])
    balancer.build(3)
    case = SEQUENCES["FAMO_lr0.025_wd1e-3"]
    for losses, after, step in zip(
        case["losses_before"], case["losses_after"], SEQUENCES[name]["steps"]
    ):
        weights = keras.ops.convert_to_numpy(balancer.weights(losses))
        np.testing.assert_allclose(weights, step["loss_weights"], rtol=1e-5)
        if after_the_step:
            balancer.observe(after)
            logits = weights_to_logits(balancer, after)
            expected = np.array(step["logits_after"])
            np.testing.assert_allclose(
                logits - logits[0], expected - expected[0], atol=2e-6
            )


def weights_to_logits(balancer, losses):
    """What the next weights of these losses will be made of."""
    twin = clone(balancer)
    twin.build(3)
    for variable, source in zip(twin.variables, balancer.variables):
        variable.assign(source.value)
    weights = keras.ops.convert_to_numpy(twin.weights(losses))
    return np.log(weights * losses)
