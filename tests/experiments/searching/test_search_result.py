import pathlib

import pytest

import mtvision as mtv
from batteries.small_search import VALID, run
from mtvision.experiments import SearchResult


def trial(number, a, b, state="complete"):
    return {
        "number": number,
        "state": state,
        "values": {"a_acc": a, "b_acc": b} if state == "complete" else {},
        "parameters": {"rate": a, "method": "sum"},
        "keywords": {},
        "record": None,
        "error": None,
        "traceback": None,
    }


def result(objectives, trials, chosen=None):
    return SearchResult(
        name="digits",
        folder=pathlib.Path("nowhere"),
        objectives=objectives,
        space={},
        settings={},
        trials=trials,
        chosen=chosen,
    )


TRIALS = [
    trial(0, 0.9, 0.1),
    trial(1, 0.8, 0.4),
    trial(2, 0.7, 0.3),
    trial(3, 0.0, 0.0, "failed"),
]


def test_one_objective_lists_the_best_first():
    lines = str(result({"a_acc": "minimize"}, TRIALS)).splitlines()
    assert lines[0] == "digits: 3 complete, 1 failed"
    assert [line.split()[1] for line in lines[4:]] == ["2", "1", "0"]


def test_several_objectives_list_the_front():
    found = result({"a_acc": "maximize", "b_acc": "maximize"}, TRIALS)
    assert found.front == [0, 1]
    lines = str(found).splitlines()
    assert [line.split()[1] for line in lines[4:]] == ["0", "1"]


def test_the_chosen_one_is_marked_and_compared_with_test():
    record = {"validation": {"a_acc": 0.9}, "test": {"a_acc": 0.5}}
    chosen = {"number": 0, "record": record}
    text = str(result({"a_acc": "maximize"}, TRIALS, chosen))
    assert "| 0 (chosen) | 0.900" in text
    assert "| a_acc        | 0.900      | 0.500 |" in text
    assert "44 % worse on the test split" in text


def test_weights_stand_in_place_of_their_quantiles():
    one = trial(0, 0.9, 0.1)
    one["parameters"] = {"loss_weights.a.quantile": 0.2, "rate": 0.1}
    one["keywords"] = {"loss_weights": {"a": 0.25, "b": 0.75}}
    lines = str(result({"a_acc": "maximize"}, [one])).splitlines()
    assert "| loss_weights.a | loss_weights.b | rate |" in lines[2]
    assert "| 0.25           | 0.75           | 0.1  |" in lines[4]


def test_nothing_yet():
    assert str(result({"a_acc": "maximize"}, [])) == "digits: no trial yet"


@pytest.mark.parametrize("test", [None, VALID])
def test_the_report_is_a_page(tmp_path, test):
    found = run(tmp_path, test=test, picture=_picture)
    found.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert ("Predictions of the chosen trial" in page) == (test is not None)
    assert page.count("a_mae") > 3


def _picture(model):
    return mtv.plotting.draw_conflicts(mtv.balancing.diagnose(model, VALID))
