import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.properties import cases
from mtvision.ops.heat_map_focal import heat_map_focal


def expected(heat, logits, alpha, beta):
    """The paper's formula, in float64."""
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    negative = (1 - heat) ** beta * p**alpha * -np.log(1 - p)
    return np.where(heat == 1, (1 - p) ** alpha * -np.log(p), negative)


@pytest.mark.parametrize(("alpha", "beta"), [(2, 4), (0, 0), (1.5, 2.5)])
def test_is_the_papers(alpha, beta):
    rng = np.random.default_rng(0)
    heat = rng.uniform(size=(6, 7)).astype("float32")
    heat[::2, ::3] = 1
    logits = rng.normal(size=heat.shape, scale=3).astype("float32")
    np.testing.assert_allclose(
        to_numpy(heat_map_focal(heat, logits, alpha=alpha, beta=beta)),
        expected(heat, logits, alpha, beta),
        rtol=2e-5,
        atol=1e-7,
    )


@cases(30)
@given(
    logit=st.floats(-200, 200, width=32),
    heat=st.floats(0, 1, width=32),
    alpha=st.sampled_from([0, 0.5, 2, 3]),
)
def test_is_finite_with_its_slope_for_any_logit(logit, heat, alpha):
    def function(z):
        return heat_map_focal([heat], z, alpha=alpha)

    logit = np.array([logit], "float32")
    assert np.isfinite(to_numpy(function(logit))).all()
    assert np.isfinite(gradient(function, logit)).all()


def test_a_wrong_cell_has_the_slope_of_cross_entropy():
    logits = np.array([-50.0, 50.0], "float32")
    slope = gradient(lambda z: heat_map_focal([1.0, 0.0], z), logits)
    np.testing.assert_allclose(slope, [-1, 1], rtol=1e-5)


def test_negative_powers_are_an_error():
    with pytest.raises(ValueError, match="alpha and beta of 0 or more"):
        heat_map_focal([0.0], [0.0], beta=-1)
