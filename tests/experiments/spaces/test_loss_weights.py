import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.experiments import LossWeights


@given(
    st.integers(0, 2**31),
    st.floats(1e-6, 1.0),
    st.floats(1.1, 1e6),
    st.integers(1, 5),
)
def test_every_weight_is_inside_its_bounds(seed, low, ratio, number):
    tasks = [f"t{i}" for i in range(number)]
    weights = LossWeights(tasks, low=low, high=low * ratio)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    trial = study.ask()
    found = weights.suggest(trial, "w")
    assert list(found) == tasks
    assert all(low <= weight <= low * ratio for weight in found.values())
    assert set(trial.params) == {f"w.{task}" for task in tasks}


def test_the_scale_is_logarithmic():
    """Half of random weights from 0.01 to 100 are below 1."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    weights = LossWeights(["a"], low=0.01, high=100)
    found = [weights.suggest(study.ask(), "w")["a"] for _ in range(400)]
    assert 160 < sum(weight < 1 for weight in found) < 240


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tasks": []}, "list of 1 or more names"),
        ({"tasks": "ab"}, "list of 1 or more names"),
        ({"tasks": ["a", "a"]}, "each once"),
        ({"tasks": ["a"], "low": 0}, "low=0"),
        ({"tasks": ["a"], "low": 2, "high": 1}, "0 < low < high"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        LossWeights(**arguments)
