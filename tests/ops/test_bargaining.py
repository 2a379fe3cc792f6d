import keras
import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from mtvision.ops.bargaining import fair_weights

ON_JAX = keras.backend.backend() == "jax"
WIDE = "float32" if ON_JAX else "float64"


def solve(gradients, power, active=None):
    if active is None:
        active = np.ones(len(gradients), bool)
    gram = np.asarray(gradients @ gradients.T, WIDE)
    run = compiled(lambda gram, active: fair_weights(gram, power, active))
    arguments = map(keras.ops.convert_to_tensor, (gram, active))
    return to_numpy(run(*arguments)).astype("float64")


@pytest.mark.parametrize("power", [0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("tasks", [1, 3, 8, 32])
@pytest.mark.parametrize("spread", [0.0, 3.0])
def test_equation(power, tasks, spread):
    rng = np.random.default_rng(tasks)
    gradients = rng.standard_normal((tasks, 2 * tasks + 2))
    gradients *= 10.0 ** np.linspace(0, spread, tasks)[:, None]
    weights = solve(gradients, power)
    gains = gradients @ (weights @ gradients)
    tolerance = 1e-3 if ON_JAX else 1e-9
    np.testing.assert_allclose(gains * weights**power, 1, rtol=tolerance)


@pytest.mark.parametrize("angle", [1e-2, 1e-3])
def test_almost_opposite_gradients(angle):
    gradients = np.array([[1.0, 0.0], [-np.cos(angle), np.sin(angle)]])
    weights = solve(gradients, 1.0)
    expected = 1 / np.sqrt(2) / np.sin(angle / 2)
    tolerance = 0.2 if ON_JAX else 1e-6
    np.testing.assert_allclose(weights, expected, rtol=tolerance)


def test_gradients_that_cancel_give_almost_nothing():
    gradients = np.array([[1.0, 2.0], [-3.0, -6.0]])
    for power in (0.5, 1.0):
        weights = solve(gradients, power)
        assert np.isfinite(weights).all()
        parts = weights * np.linalg.norm(gradients, axis=1)
        tolerance = 1e-3 if ON_JAX else 1e-6
        assert parts[0] == pytest.approx(parts[1], rel=tolerance)


def test_tasks_left_out():
    gradients = np.array([[1.0, 0.5], [0.0, 0.0], [7.0, -7.0], [0.2, 2.0]])
    active = np.array([True, True, False, True])
    weights = solve(gradients * active[:, None], 1.0, active)
    assert (weights[[1, 2]] == 0).all()
    smaller = solve(gradients[[0, 3]], 1.0)
    np.testing.assert_allclose(weights[[0, 3]], smaller, rtol=1e-5)
