import json
from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision import balancing as b
from mtvision.ops.gradient_norms import norm_balance_slope, relative_rates
from mtvision.ops.sign_dropout import keep_one_sign

# TorchJD 0.18.0 (float64), LibMTL 4336804 (float32), and, where these are not
# exact, solutions found by trying all active sets or to 1e-10 by SciPy
# ("exact"). Single calls, and sequences of four.
VECTORS = Path(__file__).parents[1] / "vectors" / "balancing_gradients.json"
VECTORS = json.loads(VECTORS.read_text())
SEQUENCES = VECTORS["sequences"]
GRADIENTS = np.array(SEQUENCES["gradients"])
LOSSES = np.array(SEQUENCES["losses"])

# The method, and the tolerance where the other side is not exact.
METHODS = {
    "torchjd.PCGrad_identity_order": (b.PCGrad, {"order": "sequential"}, None),
    "torchjd.GradVac_first_call_identity_order": (
        b.GradVac,
        {"order": "sequential"},
        None,
    ),
    "torchjd.ConFIG": (b.ConFIG, {}, None),
    "exact.IMTLG": (b.IMTLG, {}, None),
    "torchjd.AlignedMTL_min": (b.AlignedMTL, {}, None),
    "torchjd.AlignedMTL_median": (b.AlignedMTL, {"scale": "median"}, None),
    "torchjd.AlignedMTL_rmse": (b.AlignedMTL, {"scale": "rmse"}, None),
    "exact.MGDA": (b.MGDA, {}, None),
    "LibMTL.MGDA_l2": (b.MGDA, {"normalization": "l2"}, 1e-3),
    "LibMTL.MGDA_loss+": (b.MGDA, {"normalization": "loss+"}, 1e-3),
    "exact.CAGrad_c0.2_norescale": (b.CAGrad, {"c": 0.2}, 1e-4),
    "exact.CAGrad_c0.4_norescale": (b.CAGrad, {"c": 0.4}, 1e-5),
    "exact.CAGrad_c0.5_norescale": (b.CAGrad, {"c": 0.5}, 1e-5),
    "LibMTL.CAGrad_c0.4_rescale1": (b.CAGrad, {"rescale": 1}, 2e-3),
    "exact.NashMTL_noclip": (b.NashMTL, {"max_norm": None}, None),
    "LibMTL.Nash_MTL": (b.NashMTL, {}, 1e-5),
    "exact.FairGrad_a1": (b.FairGrad, {}, None),
    "exact.FairGrad_a2": (b.FairGrad, {"alpha": 2.0}, None),
    "exact.UPGrad_noreg": (b.UPGrad, {}, None),
    "exact.DualProj_noreg": (b.DualProj, {}, None),
}
# JAX solves in float32, which the eigenvalues of gradients that differ 1:100
# in length feel most.
ON_JAX = 1e-3 if keras.backend.backend() == "jax" else 0
EXACT = 1e-5 if ON_JAX else 1e-6


def direction(method, gradients, losses=None):
    if hasattr(method, "direction"):
        return to_numpy(method.direction(gradients, losses))
    return to_numpy(method.weights(gradients @ gradients.T, losses)) @ gradients


def assert_close(value, expected, gradients, tolerance):
    """Relative to the answer, but not finer than rounding of the question."""
    size = np.linalg.norm(gradients, axis=1).max()
    size = max(np.linalg.norm(expected), 0.1 * size)
    assert np.linalg.norm(value - expected) <= tolerance * size


@pytest.mark.parametrize("name", METHODS)
def test_single_calls(name):
    cls, options, tolerance = METHODS[name]
    expected = VECTORS["directions"][name]
    assert len(expected) >= 6
    for case, answer in expected.items():
        gradients = np.array(VECTORS["matrices"][case])
        # TorchJD takes the mean of the aligned gradients, not their sum.
        times = len(gradients) if "AlignedMTL" in name else 1
        value = direction(
            cls(**options), gradients, VECTORS["losses"].get(case)
        )
        graded = ON_JAX if "AlignedMTL" in name else 0
        assert_close(
            value,
            times * np.array(answer),
            gradients,
            max(tolerance or EXACT, graded),
        )


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("LibMTL_MoCo", lambda: b.MoCo()),
        ("LibMTL_DB_MTL", lambda: b.DBMTL(beta_decay=0.0)),
        ("LibMTL_DB_MTL_sigma0.5", lambda: b.DBMTL()),
        ("LibMTL_ExcessMTL", lambda: b.ExcessMTL()),
        (
            "torchjd_GradVac_b0.5_identity",
            lambda: b.GradVac(decay=0.5, order="sequential"),
        ),
    ],
)
def test_sequences(name, method):
    method = method()
    steps = zip(GRADIENTS, LOSSES, SEQUENCES[name], strict=True)
    for gradients, losses, expected in steps:
        value = direction(method, gradients, losses)
        size = np.abs(expected).max()
        np.testing.assert_allclose(value, expected, atol=3e-6 * size)


def test_slopes_of_grad_norm():
    steps = zip(GRADIENTS, LOSSES, SEQUENCES["LibMTL_GradNorm"], strict=True)
    everyone = keras.ops.ones(3, "bool")
    for gradients, losses, expected in steps:
        powers = np.exp(expected["v"])
        rates = relative_rates(tensor(losses), tensor(LOSSES[0]), everyone)
        slope = norm_balance_slope(
            tensor(3 * powers / powers.sum()),
            tensor(np.linalg.norm(gradients, axis=1)),
            rates**1.5,
            everyone,
        )
        np.testing.assert_allclose(to_numpy(slope), expected["slope"], 1e-5)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("torchjd_MoDo_g0.1_r0.1", lambda: b.MoDo(gamma=0.1, rho=0.1)),
        ("torchjd_SDMGrad_default", lambda: b.SDMGrad()),
    ],
)
def test_independent_parts(name, method):
    method = method()
    for products, expected in zip(
        SEQUENCES["cross_batch_matrix"], SEQUENCES[name], strict=True
    ):
        parts = np.stack([products, np.eye(3), np.eye(3)])
        weights = to_numpy(method.direction(parts))
        np.testing.assert_allclose(weights, expected, atol=1e-6)


def test_sign_dropout_with_given_draws():
    for case, expected in VECTORS["directions"][
        "torchjd.GradDrop_goldenU"
    ].items():
        gradients = np.array(VECTORS["matrices"][case])
        places = np.arange(1, gradients.shape[1] + 1)
        draws = np.modf(places * 0.6180339887498949)[0]
        kept = to_numpy(keep_one_sign(tensor(gradients), tensor(draws)))
        assert_close(kept.sum(0), expected, gradients, 1e-6)


def tensor(values):
    return keras.ops.convert_to_tensor(np.asarray(values, "float32"))
