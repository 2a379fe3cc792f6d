import optuna
import pytest

from mtvision.experiments.report.importances import importances

BOTH = {"up": "maximize", "down": "minimize"}


def study_of(function, number, directions=("maximize", "minimize")):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(directions=directions, sampler=sampler)
    study.optimize(function, n_trials=number)
    return study


def two(trial):
    """What matters for one objective is idle in the other."""
    x, y = (trial.suggest_float(name, 0, 1) for name in "xy")
    return x**2, y**2


def test_what_matters_is_found_in_either_direction(recwarn):
    found = importances(study_of(two, 60), BOTH)
    assert found["up"]["x"] > 0.8
    assert found["down"]["y"] > 0.8
    assert sum(found["up"].values()) == pytest.approx(1)
    assert not recwarn.list


@pytest.mark.parametrize(
    ("function", "number", "reason"),
    [
        (two, 0, "No trial has finished"),
        (two, 9, "Fewer than 10 trials"),
        (lambda t: (t.suggest_float("x", 0, 1) * 0, 0), 10, "the same value"),
        (
            lambda t: (t.suggest_int("x", 1, 1) * t.number, t.number),
            10,
            "param",
        ),
    ],
)
def test_why_there_is_none(function, number, reason):
    found = importances(study_of(function, number), BOTH)
    assert list(found) == ["up", "down"]
    assert all(reason in text for text in found.values())
