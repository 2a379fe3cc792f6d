import keras
import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from mtvision.ops.bounded_quadratic import project_on_dual_cone

ON_JAX = keras.backend.backend() == "jax"
WIDE = "float32" if ON_JAX else "float64"


def tensor(x):
    return keras.ops.convert_to_tensor(np.asarray(x, WIDE))


@pytest.mark.parametrize("tasks", [1, 2, 8, 32])
@pytest.mark.parametrize("spread", [0.0, 3.0])
def test_conditions_of_the_minimum(tasks, spread):
    """A weight is above its bound only where the inner product is 0."""
    rng = np.random.default_rng(tasks)
    gradients = rng.standard_normal((tasks, tasks + 2))
    gradients *= 10.0 ** np.linspace(0, spread, tasks)[:, None]
    gram, lower = tensor(gradients @ gradients.T), np.eye(tasks)
    project = compiled(project_on_dual_cone)
    found = to_numpy(project(gram, tensor(lower), tensor(np.ones(tasks)) > 0))
    norms = np.linalg.norm(gradients, axis=1)
    products = found @ gradients @ gradients.T / norms / norms[:, None]
    added = (found - lower) * norms / norms[:, None]
    tolerance = 1e-3 if ON_JAX else 1e-12
    assert (added >= -tolerance).all()
    assert (products >= -tolerance).all()
    assert np.abs(added * products).max() <= tolerance


def test_gradients_of_very_different_length():
    """Where TorchJD 0.18 gives (-19.8, 30.2), which conflicts."""
    gradients = np.array([[1.0, 0.0], [-80.0, 60.0]])
    everyone = np.array([True, True])
    found = project_on_dual_cone(
        tensor(gradients @ gradients.T), tensor([[0.5, 0], [0, 0.5]]), everyone
    )
    direction = to_numpy(found).sum(0) @ gradients
    atol = 1e-4 if ON_JAX else 1e-9  # float32 there, of numbers near 100
    np.testing.assert_allclose(direction, [0.18, 30.24], atol=atol)


def test_absent_tasks_keep_their_bound():
    gram = tensor([[1.0, 0, 0], [0, 0, 0], [0, 0, 1.0]])
    active = np.array([True, False, True])
    found = project_on_dual_cone(gram, tensor([[1.0, 0.0, 2.0]]), active)
    np.testing.assert_allclose(to_numpy(found), [[1.0, 0.0, 2.0]])
