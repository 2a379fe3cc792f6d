import re

import pytest

from batteries import browser
from batteries.run_records import EVIL, record
from mtvision.experiments.report.comparison_report import comparison_page

METRICS = {"a_mae": "minimize", "b_acc": "maximize"}


def estimate(*values, half=None):
    mean = sum(values) / len(values)
    return {"mean": mean, "half": half, "values": list(values)}


def row(method, a, b, delta, **more):
    return {
        "method": method,
        "metrics": {"a_mae": estimate(a, half=0.012), "b_acc": estimate(b)},
        "delta_m": None if delta is None else estimate(delta, half=2.0),
        "mean_rank": None if delta is None else 1.5,
        "step_seconds": 0.0123,
        "parameters": 1234,
        "runs": 3,
        **more,
    }


ROWS = [
    row("alone", 0.5, 0.8, None),
    row("sum", 0.61234, 0.7, -12.0),
    row("<b>UPGrad", 0.4, 0.75, 5.0),
]


def page_of(rows=ROWS, **more):
    return comparison_page(f"all {EVIL}", metrics=METRICS, rows=rows, **more)


def headings(page):
    return re.findall(r"<h2>([^<]*)</h2>", page)


def test_all_sections_of_a_comparison():
    page = page_of(
        records=[record("sum"), record("<b>UPGrad"), record("alone-a")],
        failed=[{"name": "sum", "seed": 2, "error": EVIL, "traceback": EVIL}],
        pairwise=[{"a": "sum", "b": "<b>UPGrad", "difference": -17, "p": 0.01}],
        settings={"epochs": 3, "methods": {"sum": {"balancing": None}}},
        command="python compare.py",
    )
    assert headings(page) == [
        "What was asked",
        "Result",
        "Against single-task models",
        "Each measure",
        "Which differences are real",
        "Time per step",
        "Learning curves",
        "Weights over time",
        "Conflicts between tasks",
        "Failed runs",
        "How it was made",
    ]
    # Delta m, two measures, times, one metric that has a curve, and of two
    # methods weights and conflicts.
    assert page.count("<img") == 1 + 2 + 1 + 1 + 2 + 2
    assert "<script" not in page
    assert "<b>UPGrad" not in page


def test_methods_are_in_the_order_of_delta_m_and_single_tasks_last():
    page = page_of()
    body = re.search(r"<tbody>(.*?)</tbody>", page).group(1)
    names = re.findall(r"<tr><td>(.*?)</td>", body)
    assert names == ["&lt;b&gt;UPGrad", "sum", "alone"]
    lead = "<b>&lt;b&gt;UPGrad</b> is on average 5.0 % better than models of"
    assert lead in page
    assert "(95 % interval +3.0 to +7.0 %)" in page


def test_means_have_as_many_decimals_as_their_intervals():
    page = page_of()
    assert "0.612<small> ± 0.012</small>" in page
    # The best of each measure is bold: the lowest error, the highest accuracy.
    assert "<b>0.400</b><small> ± 0.012" in page
    assert re.findall(r"<b>(0\.8\d*)</b>", page) == ["0.8000"]


def test_without_delta_m_the_table_says_so_alone():
    rows = [each | {"delta_m": None} for each in ROWS]
    page = page_of(rows, pairwise="No two seeds < 2.")
    assert "Against single-task models" not in headings(page)
    assert "<p>No two seeds &lt; 2.</p>" in page


def test_a_method_without_a_result_has_empty_cells():
    empty = {"method": "NaN", "metrics": {}, "delta_m": None, "runs": 0}
    page = page_of([*ROWS, empty])
    assert "<td>NaN</td>" in page


@pytest.mark.parametrize("rows", [[], ROWS[:1]])
def test_before_all_is_done(rows):
    page = page_of(rows, notes=["5 runs are not done yet."])
    assert '<p class="warning">5 runs are not done yet.</p>' in page


@browser.needs_chromium
@pytest.mark.parametrize("width", [400, 1400])
def test_a_browser_shows_it(width, tmp_path):
    pair = {"a": "sum", "b": "<b>UPGrad", "difference": -17, "p": 0.01}
    page = page_of(
        records=[record("sum"), record("<b>UPGrad")],
        failed=[{"name": EVIL, "seed": 2, "error": EVIL, "traceback": EVIL}],
        pairwise=[pair],
        settings={"methods": {f"method {k}": EVIL for k in range(9)}},
    )
    browser.check(page, tmp_path, width=width, images=9)
