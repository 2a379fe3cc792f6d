import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mtvision.experiments import SimplexWeights
from mtvision.experiments.spaces.simplex_weights import simplex_point

UNIT = st.floats(0, 1)


@given(st.lists(UNIT, min_size=1, max_size=6), UNIT)
def test_weights_sum_to_one_and_none_is_below_the_lowest(quantiles, part):
    tasks = [f"t{i}" for i in range(len(quantiles) + 1)]
    low = 0.99 * part / len(tasks)
    weights = SimplexWeights(tasks, low=low)
    names = [f"w.{task}.quantile" for task in tasks[:-1]]
    trial = optuna.trial.FixedTrial(dict(zip(names, quantiles)))
    found = weights.suggest(trial, "w")
    assert list(found) == tasks
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert min(found.values()) >= low


@pytest.mark.parametrize("number", [2, 3, 5])
def test_uniform_quantiles_give_uniform_weights(number):
    """Each weight of the uniform Dirichlet distribution is Beta(1, K - 1)."""
    draws = np.random.default_rng(0).random((2000, number - 1))
    points = np.array([simplex_point(row.tolist()) for row in draws])
    for weights in points.T:
        test = stats.kstest(weights, stats.beta(1, number - 1).cdf)
        assert test.pvalue > 0.001


def test_the_grid_has_no_point_twice():
    weights = SimplexWeights(["a", "b", "c"])
    points = weights.grid("w", 3)
    found = {
        tuple(weights.suggest(optuna.trial.FixedTrial(p), "w").values())
        for p in points
    }
    assert len(points) == len(found) == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tasks": ["a"]}, "list of 2 or more names"),
        ({"tasks": ["a", "b"], "low": 0.5}, "below 1 / 2"),
        ({"tasks": ["a", "b"], "low": -0.1}, "received -0.1"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SimplexWeights(**arguments)
