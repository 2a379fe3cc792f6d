import numpy as np
import pytest
from keras import ops

from batteries.loss_balancers import compiled_step, run
from mtvision.balancing import FAMO


def toy(x):
    """Losses of the problem in two dimensions, scaled as for FAMO."""
    x1, x2 = x
    up, down = max(np.tanh(x2 / 2), 0), max(np.tanh(-x2 / 2), 0)
    a = abs((-x1 - 7) / 2 - np.tanh(-x2))
    b = abs((-x1 + 3) / 2 + np.tanh(-x2) + 2)
    low = 0.1 * (-x2 - 8) ** 2
    left = np.log(max(a, 5e-6)) + 6, ((-x1 + 7) ** 2 + low) / 10 - 20
    right = np.log(max(b, 5e-6)) + 6, ((-x1 - 7) ** 2 + low) / 10 - 20
    first = left[0] * up + left[1] * down
    second = right[0] * up + right[1] * down
    return np.array([0.1 * first, second])


def toy_gradients(x, size=1e-5):
    steps = size * np.eye(2)
    return np.array([(toy(x + s) - toy(x - s)) / (2 * size) for s in steps]).T


def descend(weigh, x, learning_rate=0.02, steps=4000):
    """Adam on the weighted sum, from x."""
    mean, square = np.zeros(2), np.zeros(2)
    for t in range(1, steps + 1):
        slope = weigh(toy(x)) @ toy_gradients(x)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        rate = learning_rate / (1 - 0.9**t)
        x = x - rate * mean / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
    return x


def is_optimal(x):
    return abs(x[0]) <= 7.05 and abs(x[1] + 8.36) < 0.15


def test_finds_the_pareto_set_where_the_plain_sum_does_not():
    start = np.array([9.0, 9.0])
    assert not is_optimal(descend(lambda losses: np.ones(2), start))
    balancer = FAMO(weight_decay=0.0, minimum=[-2.1, -21.0])
    balancer.build(2)
    step, active = compiled_step(balancer), ops.ones((2,), "bool")

    def weigh(losses):
        losses = ops.convert_to_tensor(losses, "float32")
        return ops.convert_to_numpy(step(losses, None, active))

    assert is_optimal(descend(weigh, start))


def test_turns_to_the_task_that_lags():
    losses = np.ones((50, 3))
    losses[:, 0] = 0.9 ** np.arange(50)
    weights = run(FAMO(weight_decay=0.0), losses)
    shares = weights * losses / (weights * losses).sum(1, keepdims=True)
    assert (np.diff(shares[:, 0]) <= 1e-6).all()
    assert shares[-1, 0] < 0.2 < 0.4 < shares[-1, 1]


def test_observed_losses_take_the_place_of_the_next_ones():
    first, after, other = [1.0, 2.0], [0.5, 2.0], [7.0, 0.1]
    told, plain = FAMO(), FAMO()
    told.weights(first)
    told.observe(after)
    plain.weights(first)
    plain.weights(after)
    logits = [ops.convert_to_numpy(b._logits.value) for b in (told, plain)]
    np.testing.assert_allclose(*logits)
    told.weights(other)
    np.testing.assert_allclose(ops.convert_to_numpy(told._logits), logits[0])
    told.weights(first)
    assert not np.allclose(ops.convert_to_numpy(told._logits), logits[0])


def test_minimum_is_taken_off():
    shifted = FAMO(minimum=[1.0, -2.0]).weights([1.5, 0.0])
    plain = FAMO().weights([0.5, 2.0])
    assert [float(w) for w in shifted] == pytest.approx(
        [float(w) for w in plain], rel=1e-6
    )
