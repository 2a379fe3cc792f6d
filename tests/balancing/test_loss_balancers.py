import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.configs import check_config
from batteries.loss_balancers import check_loss_balancer, course, run
from batteries.properties import cases
from mtvision import balancing
from mtvision.balancing import (
    DTP,
    DWA,
    FAMO,
    GLS,
    IMTLL,
    RLW,
    STCH,
    UWSO,
    CoV,
    LogLoss,
    StaticWeights,
    UncertaintyWeighting,
)

FORMS = ["regression", "classification"] * 4
CASES = {
    "CoV": lambda t: CoV(),
    "DTP": lambda t: DTP(),
    "DWA": lambda t: DWA(),
    "DWA_window": lambda t: DWA(window=2, temperature=0.5),
    "FAMO": lambda t: FAMO(),
    "FAMO_minimum": lambda t: FAMO(minimum=[-0.5] * t, learning_rate=0.1),
    "GLS": lambda t: GLS(),
    "IMTLL": lambda t: IMTLL(initial=0.3),
    "LogLoss": lambda t: LogLoss(),
    "RLW": lambda t: RLW(seed=5),
    "STCH": lambda t: STCH(warm_up=1),
    "STCH_plain": lambda t: STCH(warm_up=None, mu=0.5),
    "StaticWeights": lambda t: (
        StaticWeights([2.0, 0.5, 1.0, 3.0] * 2)
        if t == 8
        else StaticWeights([2.0, 0.5, 1.0, 3.0][:t])
    ),
    "UWSO": lambda t: UWSO(temperature=2.0),
    "UncertaintyWeighting": lambda t: UncertaintyWeighting(form=FORMS[:t]),
}
LIST_OPTIONS = {"StaticWeights", "UncertaintyWeighting"}
SUMS = {
    "CoV": 1,
    "DWA": 4,
    "DWA_window": 4,
    "FAMO": 1,
    "RLW": 1,
    "STCH_plain": 1 / 4,
    "UWSO": 1,
}
# What the weights become when each loss is measured in another unit.
LAWS = {
    "CoV": lambda weights, units: weights,
    "DTP": lambda weights, units: weights,
    "DWA": lambda weights, units: weights,
    "GLS": lambda weights, units: weights / units * _geometric_mean(units),
    "IMTLL": lambda weights, units: weights,
    "LogLoss": lambda weights, units: weights / units,
    "RLW": lambda weights, units: weights,
    "STCH": lambda weights, units: weights / units,
    "UncertaintyWeighting": lambda weights, units: weights,
}


def _geometric_mean(values):
    return np.exp(np.log(values).mean())


@pytest.mark.parametrize("name", CASES)
def test_properties(name):
    check_loss_balancer(CASES[name], draws=name == "RLW")


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (CoV, {}),
        (DTP, {"indicators": {"a": "a_iou"}, "gamma": 2.0, "decay": 0.5}),
        (DWA, {"temperature": 3.0, "window": 7}),
        (
            FAMO,
            {
                "learning_rate": 0.1,
                "weight_decay": 0.0,
                "minimum": [-1.0, 0.5, 0.0, 0.0],
            },
        ),
        (GLS, {}),
        (IMTLL, {"initial": 0.5}),
        (LogLoss, {}),
        (RLW, {"seed": 3}),
        (STCH, {"mu": 0.25, "warm_up": 0}),
        (StaticWeights, {"constants": {"a": 1, "b": 2, "c": 3, "d": 4}}),
        (UWSO, {"temperature": 3.0}),
        (UncertaintyWeighting, {"form": FORMS[:4]}),
        (UncertaintyWeighting, {"form": "classification"}),
    ],
)
def test_config(cls, arguments):
    original, revived = check_config(cls, {**arguments, "smoothing": 0.5})
    expected = run(original, course())
    np.testing.assert_allclose(run(revived, course()), expected, rtol=1e-5)


@pytest.mark.parametrize("name", [n for n in CASES if n not in LIST_OPTIONS])
def test_order_of_the_tasks_has_no_effect(name):
    if name == "RLW":
        pytest.skip("It draws by place.")
    order = [2, 0, 3, 1]
    weights = run(CASES[name](4), course())
    turned = run(CASES[name](4), course()[:, order])
    np.testing.assert_allclose(turned, weights[:, order], rtol=1e-4)


@pytest.mark.parametrize("name", SUMS)
def test_sum_of_the_weights(name):
    weights = run(CASES[name](4), course())
    np.testing.assert_allclose(weights.sum(1), SUMS[name], rtol=1e-5)


@pytest.mark.parametrize("name", LAWS)
@cases(8)
@given(powers=st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_units_of_the_losses(name, powers):
    units = 10.0 ** np.array(powers)
    weights = run(CASES[name](4), course())
    scaled = run(CASES[name](4), course() * units)
    expected = LAWS[name](weights, units)
    np.testing.assert_allclose(scaled, expected, rtol=5e-3)


@pytest.mark.parametrize("name", CASES)
@cases(8)
@given(
    powers=st.lists(
        st.lists(st.floats(-12, 12), min_size=3, max_size=3),
        min_size=6,
        max_size=6,
    )
)
def test_losses_of_any_size(name, powers):
    weights = run(CASES[name](3), 10.0 ** np.array(powers))
    assert np.isfinite(weights).all()
    assert (weights >= 0).all()


@pytest.mark.parametrize(
    "name", ["CoV", "DWA", "FAMO", "GLS", "LogLoss", "STCH", "UWSO"]
)
def test_losses_must_be_above_zero(name):
    with pytest.raises(ValueError, match=r"above 0, received -1\.0 for task 1"):
        CASES[name](2).weights([1.0, -1.0])


@pytest.mark.parametrize(
    "name", ["FAMO_minimum", "IMTLL", "STCH_plain", "UncertaintyWeighting"]
)
def test_losses_may_be_negative(name):
    weights = keras.ops.convert_to_numpy(CASES[name](2).weights([1.0, -1.0]))
    assert np.isfinite(weights).all()


def test_weighted_losses_of_gls_are_equal():
    losses = course()
    shares = run(GLS(), losses) * losses
    expected = np.exp(np.log(losses).mean(1, keepdims=True)) / 4
    np.testing.assert_allclose(shares, np.tile(expected, (1, 4)), rtol=1e-4)


def test_random_weights_change_and_repeat():
    first, again = (run(RLW(seed=3), course()) for _ in range(2))
    np.testing.assert_allclose(first, again)
    assert len(np.unique(first.round(4))) == first.size
    assert not np.allclose(first, run(RLW(seed=4), course()))
    many = run(RLW(seed=0), np.ones((600, 3)))
    np.testing.assert_allclose(many.mean(0), 1 / 3, atol=0.04)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UWSO(temperature=0), "temperature as a number above 0"),
        (lambda: DWA(temperature=-1), "temperature as a number above 0"),
        (lambda: DWA(window=0), "window"),
        (lambda: STCH(mu=0), "mu as a number above 0"),
        (lambda: STCH(warm_up=-1), "warm_up"),
        (lambda: FAMO(learning_rate=0), "learning_rate"),
        (lambda: FAMO(weight_decay=-1), "weight_decay"),
        (lambda: FAMO(minimum=[0.0]).build(2), "minimum for each of 2 tasks"),
        (lambda: DTP(gamma=-1), "gamma"),
        (lambda: DTP(decay=1.0), "decay"),
        (lambda: StaticWeights([1.0]).build(2), "constants for each of 2"),
        (lambda: StaticWeights([1.0, np.nan]), "finite constants"),
        (lambda: UncertaintyWeighting(form="boxes"), "'boxes'"),
        (
            lambda: UncertaintyWeighting(form=["regression"]).build(2),
            "form for each of 2",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_uwso_is_a_softmax_of_inverse_losses():
    losses = course() + 0.5
    powers = np.exp(1 / losses / 2.0)
    expected = powers / powers.sum(1, keepdims=True)
    weights = run(UWSO(temperature=2.0), losses)
    np.testing.assert_allclose(weights, expected, rtol=1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("FAMO", "weight_decay"),
        ("FAMO", "minimum"),
        ("CAGrad", "c"),
        ("DBMTL", "beta_decay"),
        ("MoCo", "gamma_decay"),
        ("MoDo", "rho"),
        ("IMTLL", "initial"),
    ],
)
def test_options_are_finite(name, option, value):
    with pytest.raises(ValueError, match=f"Expected.*{option}"):
        getattr(balancing, name)(**{option: value})
