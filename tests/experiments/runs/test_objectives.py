import math

import pytest

from mtvision.experiments.runs.objectives import (
    Objectives,
    UnknownMetric,
    delta_m,
    split_metric,
)

METRICS = {"a_acc": 0.6, "a_iou": 0.4, "b_rmse": 3.0, "loss": 1.0}
TASKS = ["a", "b"]


def test_values_are_those_of_the_logs_in_order():
    objectives = Objectives({"b_rmse": "minimize", "a_acc": "maximize"})
    assert list(objectives.values(METRICS, TASKS).items()) == [
        ("b_rmse", 3.0),
        ("a_acc", 0.6),
    ]


def test_delta_m_by_hand():
    """20 % and 0 % better, 50 % worse: the mean of 10 % and -50 %."""
    objectives = Objectives(
        {"a_acc": "maximize", "delta_m": "maximize"},
        {"a_acc": 0.5, "a_iou": ("maximize", 0.4), "b_rmse": ("minimize", 2)},
    )
    found = objectives.values(METRICS, TASKS)
    assert found == {"a_acc": 0.6, "delta_m": pytest.approx(-20)}


def test_delta_m_of_what_is_not_finite_is_nan():
    up = {"a_acc": "maximize"}
    assert math.isnan(delta_m({"a_acc": math.nan}, {"a_acc": 1.0}, up, TASKS))


def test_a_metric_is_of_the_longest_task():
    assert split_metric("a_b_acc", ["a", "a_b"]) == ("a_b", "acc")
    with pytest.raises(ValueError, match=r"tasks \['a', 'b'\].*'loss'"):
        split_metric("loss", TASKS)


def test_what_is_not_measured_is_an_error_that_lists_what_is():
    objectives = Objectives({"a_accuracy": "maximize"})
    with pytest.raises(
        UnknownMetric, match=r"\['a_accuracy'\].*measures \['a_acc', 'a_iou'"
    ):
        objectives.check(METRICS)


@pytest.mark.parametrize(
    ("objectives", "baselines", "message"),
    [
        ({}, None, "Expected objectives as a dict"),
        (["a_acc"], None, "Expected objectives as a dict"),
        ({"a_acc": "max"}, None, "for the objective 'a_acc', received 'max'"),
        ({"delta_m": "maximize"}, None, "needs baselines"),
        (
            {"delta_m": "minimize"},
            {"a_acc": ("maximize", 0.9)},
            "better the larger",
        ),
        ({"delta_m": "maximize"}, {"a_acc": 0.9}, "whether more or less"),
        ({"a_acc": "maximize"}, {"a_acc": 0}, "finite number that is not 0"),
        ({"a_acc": "maximize"}, {"a_acc": math.nan}, "finite number"),
        ({"a_acc": "maximize"}, {"b": ("up", 1)}, "received 'up'"),
    ],
)
def test_wrong_arguments(objectives, baselines, message):
    with pytest.raises(ValueError, match=message):
        Objectives(objectives, baselines)
