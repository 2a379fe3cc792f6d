"""The statistics of runs that are written by hand."""

import pathlib

import numpy as np
import pytest
from scipy import stats

from batteries.comparisons import ALONE, FOUND, OBJECTIVES, record, written
from mtvision.experiments.comparing.comparison import Comparison


def delta(values):
    a, b = np.transpose(values)
    return 100 * ((a - 0.6) / 0.6 + (0.25 - b) / 0.25) / 2


def test_rows_are_as_computed_by_hand(tmp_path):
    rows = {row["method"]: row for row in written(tmp_path).rows()}
    assert list(rows) == ["alone", "sum", "X", "Y"]
    for name, values in (FOUND | {"alone": ALONE}).items():
        columns = np.transpose(values)
        for column, metric in zip(columns, OBJECTIVES):
            found = rows[name]["metrics"][metric]
            assert found["values"] == pytest.approx(column)
            assert found["mean"] == pytest.approx(column.mean())
            half = 4.302653 * stats.sem(column)  # t of 2 degrees, 95 %
            assert found["half"] == pytest.approx(half, rel=1e-6)
        if name != "alone":
            found = rows[name]["delta_m"]
            assert found["values"] == pytest.approx(delta(values))
            # Models of single tasks scatter, too: no number to compare with.
            half = 4.302653 * stats.sem(delta(values) - delta(ALONE))
            assert found["half"] == pytest.approx(half, rel=1e-6)
    assert rows["alone"]["delta_m"] is None
    ranks = [rows[name]["mean_rank"] for name in rows]
    assert ranks == [None, 2.5, 1.0, 2.5]  # sum: 3 and 2, Y: 2 and 3
    assert rows["X"]["step_seconds"] == pytest.approx(0.02)
    assert rows["alone"]["step_seconds"] == pytest.approx(0.04)
    assert rows["alone"]["parameters"] == 20


def test_pairs_are_tested_on_the_same_seeds(tmp_path):
    result = written(tmp_path)
    rows = {(row["a"], row["b"]): row for row in result.pairwise("a_acc")}
    assert len(rows) == 6
    row = rows["sum", "X"]
    a, b = ([v for v, _ in FOUND[name]] for name in ("sum", "X"))
    assert row["p"] == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert row["difference"] == pytest.approx(np.mean(a) - np.mean(b))
    assert row["p_holm"] >= row["p"]
    smallest = min(rows.values(), key=lambda row: row["p"])
    assert smallest["p_holm"] == pytest.approx(6 * smallest["p"])
    rows = result.pairwise(against="sum")
    assert [(row["a"], row["b"]) for row in rows] == [
        (name, "sum") for name in ("alone", "X", "Y")
    ]
    expected = stats.ttest_rel(delta(FOUND["X"]), delta(FOUND["sum"])).pvalue
    assert rows[1]["p"] == pytest.approx(expected)


def test_the_table(tmp_path):
    lines = str(written(tmp_path)).split("\n")
    cells = [cell.strip() for cell in lines[4].split("|")]
    assert cells[1:4] == ["X", "3", "0.617 ± 0.038"]
    assert cells[4] == "0.207 ± 0.029"
    assert cells[5].startswith(f"{delta(FOUND['X']).mean():+.1f} ± ")
    assert cells[-3:-1] == ["1.00", "20"]
    assert len(lines) == 6


def test_what_is_missing_is_told(tmp_path):
    failed = {"name": "X", "seed": 1, "error": "OSError: x", "traceback": ""}
    nan = record("Y", 0, {"a_acc": 0.5, "b_mae": float("nan")})
    result = written(tmp_path, X_1=failed, Y_0=nan, Y_2=None, alone_a_0=None)
    assert result.remarks == [
        "X, seed 1: failed, OSError: x",
        "Y, seed 0: ['b_mae'] is not finite, and left out of the means.",
        "Runs that are not done yet: 2.",
    ]
    rows = {row["method"]: row for row in result.rows()}
    assert [rows[name]["runs"] for name in ("alone", "sum", "X", "Y")] == [
        *(3, 3, 2, 2)
    ]
    assert rows["Y"]["metrics"]["b_mae"]["half"] is None
    # The mean of a alone is that of the two seeds that are there.
    a, b = FOUND["sum"][0]
    expected = 100 * ((a - 0.61) / 0.61 + (0.25 - b) / 0.25) / 2
    assert rows["sum"]["delta_m"]["values"][0] == pytest.approx(expected)
    pairs = {(row["a"], row["b"]) for row in result.pairwise()}
    assert pairs == {("alone", "sum"), ("sum", "X")}


@pytest.mark.parametrize(
    ("alone", "reason"),
    [
        ([], "no single-task run has a result for"),
        ([(0.0, 0.2)] * 3, r"single-task runs reach 0 in \['a_acc'\]"),
    ],
)
def test_without_delta_m_the_rest_is_there(tmp_path, alone, reason):
    result = written(tmp_path, alone=alone)
    assert result.rows()[-1]["delta_m"] is None
    assert result.rows()[-1]["mean_rank"] == 2.5
    assert len(result.pairwise("b_mae")) >= 3
    with pytest.raises(ValueError, match=reason):
        result.pairwise()
    assert result.remarks[0].startswith("There is no delta m: ")


def test_no_run_at_all(tmp_path):
    found = {"sum": [(0.5, 0.5)]}
    result = written(tmp_path, found, alone=[], sum_0=None)
    assert result.rows() == []
    lines = str(result).split("\n")
    assert lines[:2] == [
        "No run has a result.",
        "Runs that are not done yet: 1.",
    ]


def test_wrong_questions(tmp_path):
    result = written(tmp_path)
    with pytest.raises(ValueError, match="received 'c_acc'"):
        result.pairwise("c_acc")
    with pytest.raises(ValueError, match="received 'Z'"):
        result.pairwise(against="Z")
    with pytest.raises(ValueError, match=r"has no comparison\.json"):
        Comparison(tmp_path / "absent")


def test_the_report_is_written(tmp_path):
    result = written(tmp_path / "many")
    path = pathlib.Path(tmp_path / "report.html")
    result.report(path)
    text = path.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "delta m" in text
