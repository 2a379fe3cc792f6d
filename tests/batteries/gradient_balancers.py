"""What every method of balancing by gradients must do."""

import keras
import numpy as np

from batteries.backend import to_numpy
from batteries.loss_balancers import compiled_step
from mtvision.balancing.jacobian_balancer import JacobianBalancer

TASKS, PARAMETERS, STEPS = 4, 7, 5


def check_gradient_balancer(make, *, degree=None, ordered=False, draws=False):
    """Runs every property that all methods have.

    Args:
        make: Function without arguments that makes a method for any number of
            tasks.
        degree: The direction grows by this power of a number by which all
            gradients are multiplied. `None` if there is no such power.
        ordered: Whether the order of the tasks matters.
        draws: Whether it draws numbers. TensorFlow's XLA draws others from
            the same seed.
    """
    _check_hard_cases_are_finite(make)
    _check_one_task(make)
    if degree is not None:
        _check_scale(make, degree)
    if not ordered:
        _check_tasks_are_equal(make)
    _check_absent_tasks_do_not_exist(make)
    _check_absence_moves_nothing(make)
    if not draws:
        _check_compiled_steps(make)
    _check_state_can_be_restored(make)
    _check_smoothing(make)


def course(num_tasks=TASKS, steps=STEPS, seed=0):
    """Gradients (S, T, P) of different norms that conflict, and losses."""
    rng = np.random.default_rng(seed)
    shape = (steps, num_tasks, PARAMETERS)
    gradients = rng.standard_normal(shape)
    gradients -= 0.7 * gradients.mean(1, keepdims=True)
    gradients *= np.linspace(0.5, 3, num_tasks)[:, None]
    losses = rng.uniform(0.5, 2, (steps, num_tasks))
    return gradients.astype("float32"), losses.astype("float32")


def hard_cases():
    """Gradients (T, P) that solvers break on, by name."""
    rng = np.random.default_rng(1)
    one, two = rng.standard_normal((2, PARAMETERS))
    many = rng.standard_normal((8, PARAMETERS))  # 8 in 7 dimensions
    conflict = np.array([[1.0, 0, 0], [-0.8, 0.6, 0], [0.3, -0.9, 0.1]])
    return {
        "opposite": np.stack([one, -one]),
        "opposite and uneven": np.stack([one, -3 * one]),
        "duplicate": np.stack([one, one, two]),
        "a zero": np.stack([one, 0 * one, two]),
        "all zero": np.zeros((3, PARAMETERS)),
        "far apart": np.array([[1e-3], [1.0], [1e3]]) * conflict,
        "tiny": 1e-12 * conflict,
        "huge": 1e12 * conflict,
        "many": many,
        "in balance": np.concatenate([many, -many.sum(0, keepdims=True)]),
    }


def names(count):
    """Names of tasks."""
    return [f"task{number}" for number in range(count)]


def run(balancer, gradients, losses, active=None, step=None):
    """Directions (S, P) and weights (S, T) of a course."""
    if active is None:
        active = np.ones(losses.shape, "bool")
    if not balancer.built:
        balancer.build_for(names(losses.shape[1]), gradients.shape[-1])
    step = step or whole_step(balancer)
    results = []
    for rows in zip(gradients, losses, active):
        rows = map(keras.ops.convert_to_tensor, rows)
        results.append([to_numpy(keras.ops.copy(x)) for x in step(*rows)])
    return [np.array(x) for x in zip(*results)]


def whole_step(balancer):
    """Function of gradients, losses and active: direction and weights."""

    def by_gradients(gradients, losses, active):
        gradients = keras.ops.where(active[:, None], gradients, 0.0)
        if balancer.num_batches > 1:
            gradients = keras.ops.stack([gradients] * balancer.num_batches)
        return balancer.combine(gradients, losses, active)

    def by_gram(gradients, losses, active):
        wide = keras.ops.cast(gradients, "float64")
        gram = keras.ops.einsum("ip,jp->ij", wide, wide)
        weights = balancer.step(gram, losses, active)
        present = keras.ops.where(active[:, None], gradients, 0.0)
        return keras.ops.matmul(weights, present), weights

    jacobian = isinstance(balancer, JacobianBalancer)
    return by_gradients if jacobian else by_gram


class _Steps:
    """What `compiled_step` asks for."""

    def __init__(self, balancer):
        self.variables = balancer.variables
        self.step = whole_step(balancer)


def _check_hard_cases_are_finite(make):
    for name, rows in hard_cases().items():
        gradients = np.stack([rows] * 3).astype("float32")
        losses = np.ones(gradients.shape[:2], "float32")
        for values in run(make(), gradients, losses):
            assert np.isfinite(values).all(), (name, values)
            assert values.dtype == np.float32
        nobody = np.zeros(losses.shape, "bool")
        for values in run(make(), gradients, losses, nobody):
            assert (values == 0).all(), name


def _check_one_task(make):
    gradients, losses = course(1)
    directions, weights = run(make(), gradients, losses)
    assert (weights > 0).all()
    if not isinstance(make(), JacobianBalancer):
        np.testing.assert_allclose(
            directions, weights * gradients[:, 0], rtol=1e-5
        )


def _check_scale(make, degree):
    gradients, losses = course()
    expected, _ = run(make(), gradients, losses)
    directions, _ = run(make(), 64 * gradients, losses)
    _assert_close(directions / 64.0**degree, expected)


def _check_tasks_are_equal(make):
    gradients, losses = course()
    expected, weights = run(make(), gradients, losses)
    order = np.array([2, 0, 3, 1])
    directions, moved = run(make(), gradients[:, order], losses[:, order])
    _assert_close(directions, expected)
    _assert_close(moved, weights[:, order])


def _check_absent_tasks_do_not_exist(make):
    """Three tasks and one that never comes are three tasks."""
    gradients, losses = course()
    gradients[:, 1], losses[:, 1] = 1e3, 1e3
    active = np.tile([True, False, True, True], (STEPS, 1))
    there = np.array([0, 2, 3])
    directions, weights = run(make(), gradients, losses, active)
    assert (weights[:, 1] == 0).all()
    expected, smaller = run(make(), gradients[:, there], losses[:, there])
    _assert_close(weights[:, there], smaller)
    _assert_close(directions, expected)


def _check_absence_moves_nothing(make):
    balancer = make()
    gradients, losses = course()
    run(balancer, gradients, losses)
    before = _rows(balancer, 1)
    active = np.ones(losses.shape, "bool")
    active[:, 1] = False
    run(balancer, gradients, losses, active)
    for old, new in zip(before, _rows(balancer, 1)):
        np.testing.assert_array_equal(old, new)


def _rows(balancer, task):
    values = [to_numpy(keras.ops.copy(v.value)) for v in balancer.variables]
    return [v[task] for v in values if v.shape and v.shape[0] == TASKS]


def _check_compiled_steps(make):
    gradients, losses = course()
    active = np.ones(losses.shape, "bool")
    active[2, 0] = False
    expected = run(make(), gradients, losses, active)
    balancer = make()
    balancer.build_for(names(TASKS), PARAMETERS)
    step = compiled_step(_Steps(balancer))
    results = run(balancer, gradients, losses, active, step)
    for a, b in zip(results, expected):
        _assert_close(a, b)


def _check_state_can_be_restored(make):
    gradients, losses = course(steps=2 * STEPS)
    balancer = make()
    run(balancer, gradients[:STEPS], losses[:STEPS])
    saved = [to_numpy(keras.ops.copy(v.value)) for v in balancer.variables]
    expected, _ = run(balancer, gradients[STEPS:], losses[STEPS:])
    revived = type(balancer).from_config(balancer.get_config())
    revived.build_for(names(TASKS), PARAMETERS)
    assert len(revived.variables) == len(saved)
    for variable, value in zip(revived.variables, saved):
        variable.assign(value)
    directions, _ = run(revived, gradients[STEPS:], losses[STEPS:])
    _assert_close(directions, expected)


def _check_smoothing(make):
    plain = make()
    config = {**plain.get_config(), "smoothing": 0.75}
    gradients, losses = course()
    _, expected = run(plain, gradients, losses)
    for i in range(1, len(expected)):
        expected[i] = 0.75 * expected[i - 1] + 0.25 * expected[i]
    _, weights = run(type(plain).from_config(config), gradients, losses)
    _assert_close(weights, expected)


def _assert_close(values, expected):
    size = np.abs(expected).max()
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-5 * size)
