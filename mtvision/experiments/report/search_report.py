"""A search as one page."""

from mtvision.experiments.report import search_figures as figures
from mtvision.experiments.report.markup import join, tag
from mtvision.experiments.report.page import page
from mtvision.experiments.report.parts import (
    conflicts,
    errors,
    origin,
    paragraph,
    pictures,
    weights_over_time,
)
from mtvision.experiments.report.phrases import (
    counted,
    listed,
    number_text,
    value_text,
)
from mtvision.experiments.report.space_text import space_text
from mtvision.experiments.report.table import facts, table


def search_page(
    name,
    *,
    objectives,
    space,
    trials,
    settings=None,
    front=(),
    chosen=None,
    importances=None,
    log=(),
    warnings=(),
    shown=None,
    command=None,
):
    """Writes the report of a search.

    Args:
        name: Of the study.
        objectives: Dict from objective to `"maximize"` or `"minimize"`.
        space: Dict from keyword to what is tried, as `Space.describe` gives
            it, or a text.
        trials: List of dicts with `number` and `state` (`"complete"`,
            `"pruned"`, `"failed"`, `"interrupted"`, `"running"`,
            `"waiting"`); as far as known
            `values` (dict by objective), `parameters` (dict), `record` (what
            a run leaves), `error` and `traceback` (texts).
        settings: Dict of what else was asked, such as the epochs.
        front: Numbers of the trials on the Pareto front.
        chosen: Dict with the `number` of the chosen trial and the `record` of
            its last training, with `validation` and perhaps `test`; or
            `None`.
        importances: What `importances` returns, or `None`.
        log: Names of the parameters with a logarithmic scale.
        warnings: Texts to show beside the chosen trial.
        shown: Dict from caption to a PNG file.
        command: The line to type to repeat it.

    Returns:
        HTML as text. It needs no other file, no script and no network.

    Example:

    >>> trials = [{"number": 0, "state": "complete", "values": {"loss": 0.5},
    ...            "parameters": {"rate": 0.1}}]
    >>> text = search_page(
    ...     "rates", objectives={"loss": "minimize"}, trials=trials,
    ...     space={"rate": "0.1 to 1"})
    >>> text.startswith("<!DOCTYPE html>")
    True
    """
    finished = [t for t in trials if t["state"] == "complete" and t["values"]]
    finished, remark = figures.within_reach(finished, objectives)
    picked = chosen and chosen["number"]
    record = {f"trial {picked}": chosen["record"]} if chosen else {}
    records = [t["record"] for t in trials if t.get("record")]
    pick = {"chosen": picked, "log": log}
    sections = [
        ("What was asked", _asked(objectives, space, settings or {})),
        ("Chosen trial", _chosen(chosen, trials, objectives, warnings)),
        ("Pareto front", figures.fronts(finished, objectives, front, picked)),
        ("Progress", figures.histories(finished, objectives, remark)),
        ("All trials at a glance", figures.lines(finished, objectives, **pick)),
        ("What matters", figures.shares(importances or {})),
        ("Weights over time", weights_over_time(record)),
        ("Conflicts between tasks", conflicts(record)),
        ("Predictions", pictures(shown)),
        ("Trials", _trials(trials, objectives, front, picked)),
        ("Failed trials", errors(_failed(trials))),
        ("How it was made", origin(records, command)),
    ]
    lead = _lead(trials, objectives, chosen)
    return page(f"Search: {name}", lead, sections)


def _lead(trials, objectives, chosen):
    states = [trial["state"] for trial in trials]
    counts = [
        f"{states.count(state)} {state}" for state in dict.fromkeys(states)
    ]
    words = f"{counted(len(trials), 'trial')}: {listed(counts)}."
    best = _best(chosen, trials, objectives) if chosen else None
    return [
        paragraph(best or "No trial has been chosen yet.", kind="lead"),
        paragraph(words if trials else "No trial has begun."),
    ]


def _best(chosen, trials, objectives):
    """The result in one sentence."""
    number, test = chosen["number"], chosen["record"].get("test") or {}
    before = _numbered(trials, number).get("values") or {}
    split, values = ("test", test) if test else ("validation", before)
    found = [
        f"{key} {number_text(values[key])}"
        for key in objectives
        if values.get(key) is not None
    ]
    reached = f"; it reached {listed(found)} on {split}" if found else ""
    words = f" was chosen{reached}."
    return join(tag("b", f"Trial {number}"), words)


def _numbered(trials, number):
    return next((t for t in trials if t["number"] == number), {})


def _asked(objectives, space, settings):
    rows = [[key, space_text(value)] for key, value in space.items()]
    pairs = [(key, value_text(value)) for key, value in settings.items()]
    ways = [(key, way) for key, way in objectives.items()]
    return [
        facts([*ways, *pairs]),
        table(["keyword", "values tried"], rows, caption="The space searched"),
    ]


def _chosen(chosen, trials, objectives, warnings):
    if chosen is None:
        return []
    record, number = chosen["record"], chosen["number"]
    pairs = _numbered(trials, number).get("parameters", {}).items()
    valid, test = record.get("validation") or {}, record.get("test") or {}
    first = [key for key in objectives if key in valid or key in test]
    rest = [key for key in valid if key not in first]
    rows = [_measured(key, valid, test, objectives) for key in first + rest]
    columns = ["metric", "validation", "test", "change"]
    return [
        paragraph(f"Trial {number}{', trained anew' if test else ''}."),
        facts([(key, value_text(value)) for key, value in pairs]),
        *(paragraph(each, kind="warning") for each in warnings),
        table(columns, rows, caption="Validation against test"),
        None if test else paragraph("The test split has not been measured."),
    ]


def _measured(key, valid, test, objectives):
    change = _change(valid.get(key), test.get(key))
    shown = tag("b", key) if key in objectives else key
    return [shown, valid.get(key), test.get(key), change]


def _change(valid, test):
    """From validation to test, in percent."""
    if not valid or test is None:
        return None
    return f"{100 * (test - valid) / abs(valid):+.1f} %"


def _trials(trials, objectives, front, chosen):
    if not trials:
        return []
    names = list(dict.fromkeys(p for t in trials for p in t["parameters"]))
    failed = any(trial.get("error") for trial in trials)
    rows, marked = [], []
    for place, trial in enumerate(trials):
        if trial["number"] == chosen:
            marked.append(place)
        values = trial.get("values") or {}
        record = trial.get("record") or {}
        rows.append(
            [
                trial["number"],
                _state(trial, front),
                *(values.get(key) for key in objectives),
                *(_parameter(trial, parameter) for parameter in names),
                record.get("epochs"),
                _rounded(record.get("seconds")),
                *([trial.get("error", "")] if failed else []),
            ]
        )
    columns = ["trial", "state", *objectives, *names, "epochs", "seconds"]
    columns += ["error"] if failed else []
    words = "★ on the Pareto front. Shaded: the chosen trial."
    words = words if len(objectives) > 1 else "Shaded: the chosen trial."
    if any(trial["state"] == "interrupted" for trial in trials):
        words += " What was interrupted has begun anew as a later trial."
    return [table(columns, rows, caption=words, marked=marked, tall=True)]


def _state(trial, front):
    starred = trial["number"] in front
    return f"{trial['state']} ★" if starred else trial["state"]


def _parameter(trial, name):
    value = trial["parameters"].get(name)
    return value_text(value) if isinstance(value, bool | dict) else value


def _rounded(seconds):
    return None if seconds is None else float(f"{seconds:.3g}")


def _failed(trials):
    return [
        {**trial, "name": f"Trial {trial['number']}"}
        for trial in trials
        if trial.get("error")
    ]
