"""What every method of balancing by losses must do: `check_loss_balancer`."""

import keras
import numpy as np

from batteries.backend import compiled, to_numpy

TASKS = 4


def check_loss_balancer(make, *, draws=False):
    """Runs every property that all methods have.

    Args:
        make: Function from a number of tasks to a method for these.
        draws: Whether its weights are random. TensorFlow's XLA draws other
            numbers from the same seed.
    """
    _check_hard_cases_are_finite(make)
    _check_one_task(make)
    _check_absent_tasks_do_not_exist(make)
    _check_absence_moves_nothing(make)
    _check_compiled_steps(make, draws)
    _check_state_can_be_restored(make)
    _check_smoothing(make)


def course(num_tasks=TASKS, steps=12, seed=0):
    """Losses (S, T) of very different sizes, falling with noise."""
    rng = np.random.default_rng(seed)
    size = 10.0 ** np.linspace(-2, 2, num_tasks)
    fall = np.linspace(0.8, 1, num_tasks) ** np.arange(steps)[:, None]
    noise = np.exp(0.1 * rng.standard_normal((steps, num_tasks)))
    return (size * fall * noise).astype("float32")


def run(balancer, losses, active=None, step=None):
    """Weights (S, T) of a course of losses (S, T); an epoch is 3 steps."""
    losses = np.asarray(losses, "float32")
    if not balancer.built:
        balancer.build(losses.shape[1])
    if active is None:
        active = np.ones(losses.shape, "bool")
    step = step or balancer.step
    weights = []
    for i, (row, present) in enumerate(zip(losses, active)):
        row, present = map(keras.ops.convert_to_tensor, (row, present))
        weights.append(to_numpy(keras.ops.copy(step(row, None, present))))
        if i % 3 == 2:
            balancer.on_epoch_end()
    return np.array(weights)


def compiled_step(balancer):
    """`balancer.step` compiled, its state moving from call to call."""
    if keras.backend.backend() != "jax":
        return compiled(balancer.step)

    @compiled
    def stateless(state, *arguments):
        mapping = list(zip(balancer.variables, state))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            weights = balancer.step(*arguments)
        return weights, [scope.get_current_value(v) for v, _ in mapping]

    def step(*arguments):
        state = [v.value for v in balancer.variables]
        weights, state = stateless(state, *arguments)
        for variable, value in zip(balancer.variables, state):
            variable.assign(value)
        return weights

    return step


def _check_hard_cases_are_finite(make):
    for num_tasks in (2, 8):
        sizes = 10.0 ** np.linspace(-12, 12, num_tasks)
        cases = {
            "far apart": np.tile(sizes, (12, 1)),
            "jumping": np.array([sizes, sizes[::-1]] * 6),
            "equal": np.ones((12, num_tasks)),
            "zero": np.zeros((12, num_tasks)),
        }
        for name, losses in cases.items():
            weights = run(make(num_tasks), losses)
            assert np.isfinite(weights).all(), (name, weights)
            assert weights.dtype == np.float32
            assert (weights >= 0).all(), name


def _check_one_task(make):
    weights = run(make(1), course(1))
    assert np.isfinite(weights).all()
    nobody = np.zeros((12, 1), "bool")
    assert (run(make(1), course(1), nobody) == 0).all()


def _check_absent_tasks_do_not_exist(make):
    """Two tasks and one that never comes are two tasks."""
    losses = course(3)
    losses[:, 2] = np.nan
    active = np.tile([True, True, False], (12, 1))
    weights = run(make(3), losses, active)
    assert (weights[:, 2] == 0).all()
    smaller = run(_first_two(make), losses[:, :2])
    np.testing.assert_allclose(weights[:, :2], smaller, rtol=1e-4)


def _first_two(make):
    """The method for three tasks without the third one's options."""
    config = make(3).get_config()
    config = {k: v[:2] if _is_list(v) else v for k, v in config.items()}
    return type(make(3)).from_config(config)


def _is_list(value):
    return isinstance(value, list | tuple)


def _check_absence_moves_nothing(make):
    balancer, losses = make(TASKS), course()
    active = np.ones(losses.shape, "bool")
    active[6:, 1] = False
    run(balancer, losses[:6])
    before = _rows(balancer, 1)
    run(balancer, losses[6:], active[6:])
    assert _rows(balancer, 1) == before
    weights = run(balancer, losses)
    assert np.isfinite(weights).all()


def _rows(balancer, task):
    values = (to_numpy(v.value) for v in _state(balancer))
    return [float(v[task]) for v in values if v.shape == (TASKS,)]


def _state(balancer):
    """The variables without the random generator's."""
    return [v for v in balancer.variables if "seed" not in v.path]


def _check_compiled_steps(make, draws):
    keras.utils.set_random_seed(1)
    balancer = make(TASKS)
    balancer.build(TASKS)
    start = [to_numpy(keras.ops.copy(v.value)) for v in balancer.variables]
    active = np.ones((12, TASKS), "bool")
    active[4:6, 0] = False
    expected = run(balancer, course(), active)
    end = [to_numpy(keras.ops.copy(v.value)) for v in balancer.variables]
    twin = make(TASKS)
    twin.build(TASKS)
    _assign(twin, start)
    weights = run(twin, course(), active, compiled_step(twin))
    if draws:
        assert len(np.unique(weights[active])) == active.sum()
    else:
        np.testing.assert_allclose(weights, expected, rtol=1e-3)
    for variable, value in zip(twin.variables, end):
        np.testing.assert_allclose(
            to_numpy(variable.value), value, rtol=1e-3, atol=1e-6
        )


def _check_state_can_be_restored(make):
    balancer, losses = make(TASKS), course(steps=24)
    run(balancer, losses[:12])
    saved = [to_numpy(keras.ops.copy(v.value)) for v in balancer.variables]
    expected = run(balancer, losses[12:])
    revived = type(balancer).from_config(balancer.get_config())
    revived.build(TASKS)
    _assign(revived, saved)
    np.testing.assert_allclose(run(revived, losses[12:]), expected, rtol=1e-5)


def _assign(balancer, values):
    assert len(balancer.variables) == len(values)
    for variable, value in zip(balancer.variables, values):
        variable.assign(value)


def _check_smoothing(make):
    plain = make(TASKS)
    config = {**plain.get_config(), "smoothing": 0.75}
    expected = run(plain, course())
    for i in range(1, len(expected)):
        expected[i] = 0.75 * expected[i - 1] + 0.25 * expected[i]
    weights = run(type(plain).from_config(config), course())
    np.testing.assert_allclose(weights, expected, rtol=1e-4)
