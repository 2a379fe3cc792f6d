import re

import pytest
from PIL import Image

from batteries import browser
from batteries.run_records import EVIL, record
from mtvision.experiments.report.search_report import search_page

TWO = {"a_mae": "minimize", "b_mae": "minimize"}


def trials_of(number, objectives=TWO):
    """Trials with made values around one real record."""
    return [
        {
            "number": place,
            "state": "complete",
            "values": {
                name: 0.5 + 0.1 * ((place * (k + 2)) % 7)
                for k, name in enumerate(objectives)
            },
            "parameters": {
                "rate": 10.0 ** -(place % 3),
                "balancing": ["sum", "PCGrad"][place % 2],
                **({"balancing.c": 0.5} if place % 2 else {}),
            },
            "record": record() | {"seed": place},
            "error": None,
            "traceback": None,
        }
        for place in range(number)
    ]


def failed(number):
    found = dict.fromkeys(("record",))
    return found | {
        "number": number,
        "state": "failed",
        "values": {},
        "parameters": {"rate": 0.1},
        "error": f"OSError: {EVIL}",
        "traceback": f"Traceback\n{EVIL}",
    }


def page_of(trials, objectives=TWO, **more):
    options = {"space": {"rate": "1 to 100"}, "objectives": objectives}
    return search_page(f"study {EVIL}", trials=trials, **options | more)


def headings(page):
    return re.findall(r"<h2>([^<]*)</h2>", page)


def test_all_sections_of_a_search(tmp_path):
    shares = {"a_mae": {"rate": 0.7, "balancing": 0.3}, "b_mae": "Too few."}
    page = page_of(
        [*trials_of(6), failed(6)],
        front=[0, 3],
        chosen={"number": 3, "record": record()},
        importances=shares,
        log=["rate"],
        warnings=["Worse on test."],
        command="python search.py",
    )
    assert headings(page) == [
        "What was asked",
        "Chosen trial",
        "Pareto front",
        "Progress",
        "All trials at a glance",
        "What matters",
        "Weights over time",
        "Conflicts between tasks",
        "Trials",
        "Failed trials",
        "How it was made",
    ]
    # One front, and for each objective its history and its lines; shares of
    # one; weights; conflicts.
    assert page.count("<img") == 1 + 2 + 2 + 1 + 1 + 1
    assert "7 trials: 6 complete and 1 failed." in page
    assert '<p class="warning">Worse on test.</p>' in page
    assert "b_mae: Too few." in page
    assert '<tr class="marked"><td class="number">3</td>' in page


def test_what_was_raised_is_shown_and_never_run():
    page = page_of([*trials_of(2), failed(2)])
    assert "<script" not in page
    # In the title twice, in the table, and in the summary and text below.
    assert page.count("&lt;script&gt;document.title") == 5


def test_validation_stands_beside_test():
    measured = record() | {
        "validation": {"a_mae": 0.5, "loss": 2.0},
        "test": {"a_mae": 0.6, "loss": 1.0},
    }
    chosen = {"number": 0, "record": measured}
    page = page_of(trials_of(2), {"a_mae": "minimize"}, chosen=chosen)
    (row,) = re.findall(r"<tr><td><b>a_mae</b></td>(.*?)</tr>", page)
    assert re.findall(r">([^<]+)<", row) == ["0.5", "0.6", "+20.0 %"]
    assert "was chosen; it reached a_mae 0.6 on test." in page


def test_before_the_test_validation_is_what_there_is():
    untested = {k: v for k, v in record().items() if k != "test"}
    page = page_of(trials_of(2), chosen={"number": 1, "record": untested})
    assert "it reached a_mae 0.7 and b_mae 0.8 on validation." in page
    assert "The test split has not been measured." in page
    assert "trained anew" not in page


def test_a_trial_that_diverged_is_told_of():
    trials = trials_of(8)
    trials[5]["values"]["a_mae"] = 1e30
    page = page_of(trials)
    assert "at the edge of all plots: 1 trial in a_mae." in page
    # In the table it stands as it is.
    assert '<td class="number">1e+30</td>' in page


@pytest.mark.parametrize(("objectives", "pairs"), [(1, 0), (2, 1), (4, 6)])
def test_every_pair_of_objectives_is_drawn(objectives, pairs):
    objectives = {f"m{k}": "maximize" for k in range(objectives)}
    page = page_of(trials_of(5, objectives), objectives, front=[4])
    assert len(re.findall(r'alt="m\d against m\d', page)) == pairs


@pytest.mark.parametrize("state", [None, "running", "failed"])
def test_before_anything_is_finished(state):
    trials = [failed(0) | {"state": state}] if state else []
    page = page_of(trials)
    assert "No trial has been chosen yet." in page
    assert "Progress" not in headings(page)


def test_forty_trials_stay_below_two_megabytes():
    trials = trials_of(40)
    chosen = {"number": 3, "record": record()}
    page = page_of(trials, front=[0, 3], chosen=chosen, log=["rate"])
    assert len(page.encode()) < 2_000_000


@browser.needs_chromium
@pytest.mark.parametrize("width", [400, 1400])
def test_a_browser_shows_it(width, tmp_path):
    picture = tmp_path / "scenes.png"
    Image.new("RGB", (1600, 300), "red").save(picture)
    page = page_of(
        [*trials_of(12), failed(12)],
        front=[0, 3],
        chosen={"number": 3, "record": record()},
        importances={"a_mae": {"rate": 0.7, EVIL: 0.3}},
        warnings=[EVIL],
        shown={EVIL: picture},
        command=f"python search.py {'--option=long ' * 20}",
    )
    browser.check(page, tmp_path, width=width, images=9)
