"""What methods have in common, and what they promise."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.properties import cases
from mtvision import balancing as b

ON_JAX = keras.backend.backend() == "jax"


def weights(method, gradients):
    return to_numpy(method.weights(gradients @ gradients.T)).astype("float64")


@st.composite
def gradient_sets(draw, most=6):
    """Gradients (T, P) that may be opposite, equal, 0 or of any length."""
    tasks = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gradients = rng.standard_normal((tasks, draw(st.sampled_from([1, 3, 8]))))
    for i in range(1, tasks):
        kind = draw(st.sampled_from(["own", "same", "opposite", "sum", "0"]))
        if kind == "same":
            gradients[i] = gradients[i - 1]
        elif kind == "opposite":
            gradients[i] = -gradients[i - 1]
        elif kind == "sum":
            gradients[i] = -gradients[:i].sum(0)
        elif kind == "0":
            gradients[i] = 0
    sizes = st.floats(-1.5, 1.5)
    return gradients * 10.0 ** np.array([[draw(sizes)] for _ in range(tasks)])


@pytest.mark.parametrize("cls", [b.DualProj, b.UPGrad])
@cases(40)
@given(gradients=gradient_sets())
def test_directions_conflict_with_no_task(cls, gradients):
    found = weights(cls(), gradients)
    norms = np.linalg.norm(gradients, axis=1)
    # Weights are float32: so much is rounding of the sum of gradients.
    noise = (5e-4 if ON_JAX else 1e-6) * (np.abs(found) @ norms)
    assert (gradients @ (found @ gradients) >= -noise * norms).all()


@cases(40)
@given(gradients=gradient_sets())
def test_no_average_is_shorter_than_that_of_mgda(gradients):
    found = weights(b.MGDA(), gradients)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1, abs=1e-6)
    direction = found @ gradients
    norms = np.linalg.norm(gradients, axis=1)
    noise = (5e-4 if ON_JAX else 1e-6) * (np.abs(found) @ norms)
    # The slope towards each gradient is 0 or more.
    slopes = gradients @ direction - direction @ direction
    assert (slopes >= -noise * (norms + np.linalg.norm(direction))).all()


@cases(40)
@given(gradients=gradient_sets(), c=st.floats(0.05, 0.95))
def test_no_direction_improves_the_worst_task_more_than_that_of_cagrad(
    gradients, c
):
    direction = weights(b.CAGrad(c=c), gradients) @ gradients
    mean = gradients.mean(0)
    noise = (1e-3 if ON_JAX else 1e-6) * np.linalg.norm(gradients, axis=1).max()
    away = np.linalg.norm(direction - mean) - c * np.linalg.norm(mean)
    if np.linalg.norm(direction) > 0:
        assert away <= noise
    worst = (gradients @ direction).min()
    rng = np.random.default_rng(0)
    others = rng.standard_normal((200, gradients.shape[1]))
    others *= c * np.linalg.norm(mean) / np.linalg.norm(others, axis=1)[:, None]
    best = (gradients @ (mean + others).T).min(0).max()
    size = np.linalg.norm(gradients, axis=1).max()
    assert worst >= best - noise * size


@cases(30)
@given(
    seed=st.integers(0, 2**32 - 1),
    tasks=st.integers(1, 6),
    alpha=st.sampled_from([0.5, 1.0, 2.0, 5.0]),
)
def test_weights_of_fair_grad_solve_its_equation(seed, tasks, alpha):
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((tasks, tasks + 4))
    gradients *= 10 ** rng.uniform(-1, 1, (tasks, 1))
    found = weights(b.FairGrad(alpha=alpha), gradients)
    gains = gradients @ (found @ gradients)
    np.testing.assert_allclose(gains * found ** (1 / alpha), 1, atol=1e-3)


def some_gradients(tasks=3):
    return np.random.default_rng(tasks).standard_normal((tasks, 6))


def test_fair_grad_of_alpha_1_is_nash_mtl_without_limit():
    found = weights(b.FairGrad(alpha=1.0), some_gradients())
    expected = weights(b.NashMTL(max_norm=None), some_gradients())
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_nash_mtl_of_two_tasks_is_the_bisector(scale):
    gradients = some_gradients(2)
    units = gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
    gradients[0] *= scale
    bisector = units.sum(0) / np.linalg.norm(units.sum(0))
    found = weights(b.NashMTL(), gradients) @ gradients
    np.testing.assert_allclose(found, bisector, atol=1e-5)


def test_norm_of_nash_mtl():
    gradients = some_gradients()
    found = weights(b.NashMTL(max_norm=None), gradients) @ gradients
    assert np.linalg.norm(found) == pytest.approx(3**0.5, rel=1e-5)
    found = weights(b.NashMTL(max_norm=0.5), gradients) @ gradients
    assert np.linalg.norm(found) == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_pcgrad_of_two_tasks_is_upgrad_of_the_sum(scale):
    gradients = np.array([[1.0, 0.0], [-0.8, 0.6]]) * [[1.0], [scale]]
    found = weights(b.PCGrad(), gradients)
    expected = weights(b.UPGrad(preference=[1.0, 1.0]), gradients)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "method",
    [b.PCGrad(), b.GradVac(), b.UPGrad(preference=[1.0] * 3), b.AlignedMTL()],
)
def test_equal_orthogonal_gradients_are_summed(method):
    np.testing.assert_allclose(weights(method, np.eye(3)), 1, rtol=1e-6)


@pytest.mark.parametrize("method", [b.MGDA(), b.CAGrad(), b.IMTLG()])
def test_equal_gradients_share(method):
    gradients = np.ones((3, 4))
    share = 1.4 if isinstance(method, b.CAGrad) else 1.0
    found = weights(method, gradients) @ gradients
    np.testing.assert_allclose(found, share, rtol=1e-5)


def test_directions_of_equal_cosine():
    gradients = some_gradients() * [[1.0], [30.0], [0.1]]
    units = gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
    for method in (b.ConFIG(), b.IMTLG()):
        parts = units @ (weights(method, gradients) @ gradients)
        np.testing.assert_allclose(parts, parts[0], rtol=1e-3)


def test_grad_norm_favours_short_gradients_and_tasks_that_lag():
    method = b.GradNorm(alpha=1.0)
    for loss in np.linspace(1, 0.5, 20):
        found = to_numpy(method.weights(np.diag([1.0, 1.0]), [1.0, loss]))
    assert found[0] > found[1]
    method = b.GradNorm()
    for _ in range(20):
        found = to_numpy(method.weights(np.diag([1.0, 9.0]), [1.0, 1.0]))
    assert found[0] > found[1]
    assert found.sum() == pytest.approx(2)
