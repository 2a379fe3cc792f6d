import numpy as np
import pytest
from keras import ops

from mtvision.ops.loss_weights import (
    floored_losses,
    masked_mean,
    masked_softmax,
    one_for_each_task,
)


def masked(function, values, mask):
    values = ops.convert_to_tensor(values, "float32")
    mask = ops.convert_to_tensor(mask, "bool")
    return ops.convert_to_numpy(function(values, mask))


def test_softmax_over_some():
    logits, mask = np.array([3e4, np.nan, -1e30, 3e4]), [1, 0, 1, 1]
    shares = masked(masked_softmax, logits, mask)
    np.testing.assert_allclose(shares, [0.5, 0, 0, 0.5])
    logits = np.random.default_rng(0).normal(size=5)
    expected = np.exp(logits) / np.exp(logits).sum()
    shares = masked(masked_softmax, logits, np.ones(5))
    np.testing.assert_allclose(shares, expected, rtol=1e-5)


@pytest.mark.parametrize("function", [masked_softmax, masked_mean])
def test_over_none(function):
    assert (masked(function, [1.0, np.nan], [0, 0]) == 0).all()


def test_mean_over_some():
    assert masked(masked_mean, [2.0, np.inf, 4.0], [1, 0, 1]) == 3


def test_floor():
    losses = masked(floored_losses, [-1.0, 0.0, 5.0, np.nan], [1, 1, 1, 0])
    np.testing.assert_allclose(losses, [1e-12, 1e-12, 5, 1])


@pytest.mark.parametrize(
    ("values", "tasks", "expected"),
    [
        (0.5, 2, [0.5, 0.5]),
        ("regression", ["b", "a"], ["regression", "regression"]),
        ([1, 2], ["b", "a"], [1, 2]),
        ({"a": 1, "b": 2}, ["b", "a"], [2, 1]),
        ({"b": 1, "a": 2}, 2, [1, 2]),
    ],
)
def test_one_value_for_each_task(values, tasks, expected):
    assert one_for_each_task(values, tasks, "constants") == expected


@pytest.mark.parametrize(
    ("values", "tasks", "message"),
    [
        ([1, 2], 3, r"3 tasks, received \[1, 2\]"),
        ({"a": 1}, 2, "for each of 2 tasks"),
        ({"a": 1, "c": 2}, ["a", "b"], r"tasks \['a', 'b'\], received"),
    ],
)
def test_not_one_value_for_each_task(values, tasks, message):
    with pytest.raises(ValueError, match=message):
        one_for_each_task(values, tasks, "constants")
