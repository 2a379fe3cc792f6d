import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.experiments.runs.objectives import Objectives
from mtvision.experiments.searching.choice import choose, pareto_front

UP_DOWN = ["maximize", "minimize"]


def test_front_by_hand():
    """More is better, then less: 0, 2 and 5; 1 is worse than 0, 3 than 2."""
    rows = [[1, 1], [1, 2], [3, 4], [2, 4], [0, 1.5], [2, 2]]
    assert pareto_front(rows, UP_DOWN) == [0, 2, 5]


def test_equal_rows_are_all_on_the_front():
    assert pareto_front([[1, 1], [1, 1]], UP_DOWN) == [0, 1]
    assert pareto_front([], UP_DOWN) == []


NUMBERS = st.integers(0, 4)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1))
def test_front_is_what_optuna_finds(rows):
    import optuna

    ways = ["maximize", "minimize", "maximize"]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=ways)
    for row in rows:
        study.add_trial(optuna.create_trial(values=row))
    expected = [trial.number for trial in study.best_trials]
    assert pareto_front([list(row) for row in rows], ways) == sorted(expected)


def trial(number, a, b, state="complete"):
    return {
        "number": number,
        "state": state,
        "values": {"a_acc": a, "b_acc": b},
        "record": {"validation": {"a_acc": a, "b_acc": b}, "tasks": ["a", "b"]},
    }


BOTH = {"a_acc": "maximize", "b_acc": "maximize"}


def test_one_objective_chooses_the_best_and_of_equals_the_first():
    trials = [trial(0, 0.5, 1), trial(1, 0.7, 0), trial(2, 0.7, 1)]
    trials.append(trial(3, 0.9, 1, "pruned"))
    assert choose(trials, Objectives({"a_acc": "maximize"}))["number"] == 1
    assert choose(trials, Objectives({"a_acc": "minimize"}))["number"] == 0
    assert choose(trials[3:], Objectives(BOTH)) is None


def test_several_objectives_choose_by_mean_rank_or_delta_m():
    """Mean ranks 2.5, 2, 3, 2.5; the second is alike in both."""
    trials = [trial(0, 0.9, 0.1), trial(1, 0.8, 0.4), trial(2, 0.7, 0.3)]
    trials.append(trial(3, 0.1, 0.6))
    assert choose(trials, Objectives(BOTH))["number"] == 1
    # Changes of a and b: 0 and 0 %, -11 and 300 %, -22 and 200 %, -89 and 500.
    alone = {"a_acc": 0.9, "b_acc": 0.1}
    assert choose(trials, Objectives(BOTH, alone))["number"] == 3


@pytest.mark.parametrize(("a", "expected"), [(float("nan"), 0), (0.95, 1)])
def test_a_delta_m_that_is_not_finite_loses(a, expected):
    trials = [trial(0, 0.9, 0.1), trial(1, 0.8, 0.4)]
    trials[1]["record"]["validation"]["a_acc"] = a
    alone = {"a_acc": 0.9, "b_acc": 0.4}
    assert choose(trials, Objectives(BOTH, alone))["number"] == expected
