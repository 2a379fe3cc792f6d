"""A comparison as one page."""

import math
import statistics

from mtvision.experiments.comparing.comparison_plan import ALONE
from mtvision.experiments.report import comparison_figures as figures
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
from mtvision.experiments.report.phrases import counted, value_text
from mtvision.experiments.report.significance import significance
from mtvision.experiments.report.table import facts, table


def comparison_page(
    name,
    *,
    metrics,
    rows,
    pairwise=None,
    records=(),
    failed=(),
    settings=None,
    notes=(),
    shown=None,
    command=None,
):
    """Writes the report of a comparison.

    Args:
        name: Of the comparison.
        metrics: Dict from metric to `"maximize"` or `"minimize"`.
        rows: List of dicts, one for each method: `method`; `metrics`, a dict
            from metric to an estimate; `delta_m`, an estimate in percent, or
            `None` (single-task models have none); `mean_rank`, `step_seconds`,
            `parameters` and `runs`, numbers or `None`. An estimate is a dict
            of `mean`, `half` (half the width of the interval, or `None`) and
            `values`, a list with one number a seed.
        pairwise: List of dicts `a`, `b`, `difference` (of delta m, a above
            b) and `p` (corrected); or a text that says why there is none.
        records: Of the runs; their `name` is the method.
        failed: List of dicts with `name` and `error`, perhaps `seed` and
            `traceback`.
        settings: Dict of what else was asked.
        notes: Texts to show beside the result.
        shown: Dict from caption to a PNG file.
        command: The line to type to repeat it.

    Returns:
        HTML as text. It needs no other file, no script and no network.

    Example:

    >>> rows = [{"method": "sum", "delta_m": None, "metrics": {
    ...     "a_loss": {"mean": 0.5, "half": None, "values": [0.5]}}}]
    >>> text = comparison_page("two", metrics={"a_loss": "minimize"}, rows=rows)
    >>> text.startswith("<!DOCTYPE html>")
    True
    """
    rows = sorted(rows, key=_order)
    names = [row["method"] for row in rows]
    first = first_runs(records, names)
    sections = [
        ("What was asked", _asked(metrics, settings or {})),
        ("Result", _result(rows, metrics, notes)),
        ("Against single-task models", figures.changes(rows)),
        ("Each measure", figures.measures(rows, metrics)),
        ("Which differences are real", significance(names, pairwise)),
        ("Time per step", figures.times(rows)),
        ("Learning curves", figures.curves(records, names, metrics)),
        ("Weights over time", weights_over_time(first)),
        ("Conflicts between tasks", conflicts(first)),
        ("Predictions", pictures(shown)),
        ("Failed runs", errors(failed)),
        ("How it was made", origin(list(records), command)),
    ]
    return page(f"Comparison: {name}", _lead(rows, failed), sections)


def first_runs(records, names):
    """The first run of each method, named with its seed.

    Args:
        records: List of records.
        names: The methods, in order.

    Returns:
        Dict from caption to record.

    Example:

    >>> list(first_runs([{"name": "sum", "seed": 0}], ["sum"]))
    ['sum, seed 0']
    """
    found = {}
    for record in records:
        found.setdefault(record["name"], record)
    return {
        f"{name}, seed {found[name]['seed']}": found[name]
        for name in names
        if name in found
    }


def _order(row):
    """Highest delta m first; single-task models, which have none, last."""
    delta = row.get("delta_m")
    return (1, 0) if delta is None else (0, -delta["mean"])


def _lead(rows, failed):
    number = max((row.get("runs") or 0 for row in rows), default=0)
    whole = [row for row in rows if row["method"] != ALONE]
    beside = " and the single tasks" if len(whole) < len(rows) else ""
    words = f"{counted(len(whole), 'method')}{beside}, "
    words += f"{counted(number, 'run')} each"
    words += " at most." if failed else "."
    wrong = f"{counted(len(failed), 'run')} failed." if failed else None
    ranked = [row for row in rows if row.get("delta_m")]
    if not ranked:
        return [paragraph(words, kind="lead"), paragraph(wrong)]
    delta, name = ranked[0]["delta_m"], ranked[0]["method"]
    best = f" is on average {abs(delta['mean']):.1f} % "
    best += "better" if delta["mean"] >= 0 else "worse"
    best += " than models of single tasks"
    half = delta.get("half")
    if half is not None:
        low, high = delta["mean"] - half, delta["mean"] + half
        best += f" (95 % interval {low:+.1f} to {high:+.1f} %)"
    best += ", the highest of the methods."
    return [
        paragraph(tag("b", name), best, kind="lead"),
        paragraph(words),
        paragraph(wrong),
    ]


def _asked(metrics, settings):
    settings = {k: v for k, v in settings.items() if not _as_usual(v)}
    plain = {k: v for k, v in settings.items() if not isinstance(v, dict)}
    tables = [
        table(
            [key, "keywords"],
            [[name, value_text(value)] for name, value in each.items()],
        )
        for key, each in settings.items()
        if key not in plain and each
    ]
    texts = [(key, value_text(value)) for key, value in plain.items()]
    return [facts([*metrics.items(), *texts]), *tables]


def _as_usual(value):
    """Whether a dict says no more than its names: each task is itself."""
    return isinstance(value, dict) and all(
        each == [name] for name, each in value.items()
    )


def _result(rows, metrics, notes):
    best = {
        key: (max if way == "maximize" else min)(
            (row["metrics"][key]["mean"] for row in rows if _has(row, key)),
            default=None,
        )
        for key, way in metrics.items()
    }
    forms = {key: f".{_decimals(rows, key)}f" for key in metrics}
    body = [
        [
            row["method"],
            *(
                _estimate(row["metrics"].get(key), best[key], forms[key])
                for key in metrics
            ),
            _estimate(row.get("delta_m"), None, ".1f", sign="+"),
            row.get("mean_rank"),
            _milliseconds(row.get("step_seconds")),
            row.get("parameters"),
            row.get("runs"),
        ]
        for row in rows
    ]
    columns = ["method", *metrics, "delta m, %", "mean rank"]
    columns += ["ms a step", "parameters", "runs"]
    words = (
        "Mean over the seeds, ± half the width of its 95 % confidence interval "
        "(Student's t). The best mean of each measure is bold. Delta m is the "
        "mean relative change against models of single tasks; its interval is "
        "that of the difference to them, seed by seed, for they scatter, too."
    )
    notes = [paragraph(each, kind="warning") for each in notes]
    return [table(columns, body), paragraph(words, kind="quiet"), *notes]


def _has(row, key):
    return row["metrics"].get(key) is not None


def _decimals(rows, key):
    """Decimals with which a typical interval has two digits."""
    found = [row["metrics"][key] for row in rows if _has(row, key)]
    halves = [each["half"] for each in found if each.get("half")]
    sizes = halves or [abs(each["mean"]) / 100 for each in found]
    size = statistics.median(sizes) if sizes else 0
    if size <= 0:
        return 3
    return min(max(1 - math.floor(math.log10(size)), 0), 8)


def _estimate(estimate, best, form, sign=""):
    """A mean with its interval, as a cell."""
    if estimate is None:
        return None
    mean, half = estimate["mean"], estimate.get("half")
    text = format(mean, sign + form)
    shown = tag("b", text) if mean == best else text
    note = None if half is None else f" ± {half:{form}}"
    cell = join(shown, tag("small", note) if note else None)
    return tag("td", cell, class_="result")


def _milliseconds(seconds):
    return None if seconds is None else float(f"{1000 * seconds:.3g}")
