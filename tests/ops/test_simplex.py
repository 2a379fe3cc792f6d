import itertools

import keras
import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from mtvision.ops.simplex import (
    min_norm_average,
    project_on_simplex,
    worst_average,
)

ON_JAX = keras.backend.backend() == "jax"
WIDE = "float32" if ON_JAX else "float64"


def tensor(x):
    return keras.ops.convert_to_tensor(np.asarray(x, WIDE))


def gradients_of(tasks, kind, seed=0):
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((tasks, tasks + 3))
    if kind == "far apart":
        gradients *= 10.0 ** np.linspace(-1.5, 1.5, tasks)[:, None]
    if kind == "dependent":
        gradients = gradients[:, : tasks // 2 + 1]
    if kind == "near balance":
        gradients -= 0.98 * gradients.mean(0)
    return gradients


KINDS = ("plain", "far apart", "dependent", "near balance")


def shortest_of_all_sets(gradients):
    """The min-norm point, from every set of tasks that may carry it."""
    best = None
    for used in itertools.product([False, True], repeat=len(gradients)):
        rows = gradients[np.array(used)]
        if not len(rows):
            continue
        plane = rows[1:] - rows[0]
        share = np.linalg.lstsq(plane.T, -rows[0], rcond=1e-12)[0]
        share = np.concatenate([[1 - share.sum()], share])
        if (share >= -1e-10).all():
            point = share @ rows
            if best is None or point @ point < best @ best:
                best = point
    return best


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tasks", [2, 3, 6])
def test_shortest_average(kind, tasks):
    gradients = gradients_of(tasks, kind)
    expected = shortest_of_all_sets(gradients)
    gram, everyone = tensor(gradients @ gradients.T), np.ones(tasks, bool)
    found = to_numpy(compiled(min_norm_average)(gram, tensor(everyone) > 0))
    size = np.linalg.norm(gradients, axis=1).min()
    np.testing.assert_allclose(
        found @ gradients, expected, atol=(1e-4 if ON_JAX else 1e-9) * size
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tasks", [2, 8, 32])
@pytest.mark.parametrize("radius", [0.0, 0.3, 0.8])
def test_no_gap_to_the_bound_of_the_dual(kind, tasks, radius):
    """The best worst gain is the least of what averages promise."""
    gradients = gradients_of(tasks, kind)
    gram = tensor(gradients @ gradients.T)
    even = np.full(tasks, 1 / tasks)
    found, norm = worst_average(gram, tensor(even), radius, even > 0)
    found, norm = to_numpy(found), float(norm)
    average, mean = found @ gradients, even @ gradients
    assert norm == pytest.approx(np.linalg.norm(average), rel=1e-2, abs=1e-3)
    if np.linalg.norm(average) < 1e-6 * np.linalg.norm(mean):
        return
    reach = radius * np.linalg.norm(mean)
    direction = mean + reach * average / np.linalg.norm(average)
    gains = gradients @ direction
    size = np.linalg.norm(mean) * np.linalg.norm(gradients, axis=1).max()
    assert found @ gains - gains.min() <= (1e-4 if ON_JAX else 1e-9) * size


def test_nearest_weights_on_the_simplex():
    rng = np.random.default_rng(0)
    active = np.array([True, True, False, True])
    for _ in range(20):
        x = rng.standard_normal(4)
        found = to_numpy(project_on_simplex(tensor(x), active))
        assert (found >= 0).all()
        assert found[2] == 0
        assert found.sum() == pytest.approx(1, rel=1e-5)
        # What is moved is the same for all weights above 0, less for others.
        moved = (x - found)[active]
        level = moved[found[active] > 0]
        np.testing.assert_allclose(level, level[0], atol=1e-5)
        assert (moved <= level[0] + 1e-5).all()


def test_nobody_there():
    nobody = np.zeros(3, bool)
    assert (to_numpy(min_norm_average(tensor(np.eye(3)), nobody)) == 0).all()
