"""Sections that both kinds of reports have."""

from mtvision.experiments.report.images import grid, picture, plot
from mtvision.experiments.report.markup import tag
from mtvision.experiments.report.phrases import listed
from mtvision.experiments.report.table import facts, table
from mtvision.plotting.draw_conflicts import draw_conflicts
from mtvision.plotting.draw_weights import draw_weights

# Inches: as wide as the other figures.
WIDTH = 5


def paragraph(*children, kind=None):
    """Writes one paragraph, or none for no text."""
    return tag("p", *children, class_=kind) if any(children) else None


def weights_over_time(records):
    """Draws the weights and losses of runs whose method has weights.

    Args:
        records: Dict from caption to record.

    Returns:
        List of elements.
    """
    shown = {}
    for name, record in records.items():
        history = with_numbers(record.get("history") or {})
        if any(log.endswith("_weight") for log in history):
            shown[name] = plot(
                draw_weights(history),
                f"Weights and losses of the tasks over the epochs: {name}.",
                name,
            )
    if not shown:
        return []
    words = "Above the weight of each task in every epoch, below its loss."
    return [paragraph(words), grid(*shown.values())]


def with_numbers(history):
    """A history with NaN where JSON has null, to leave gaps in lines.

    Example:

    >>> with_numbers({"loss": [1.0, None]})
    {'loss': [1.0, nan]}
    """
    return {
        name: [float("nan") if each is None else each for each in numbers]
        for name, numbers in history.items()
    }


def conflicts(records):
    """Draws the cosines of the tasks' gradients at the end of runs.

    Args:
        records: Dict from caption to record.

    Returns:
        List of elements.
    """
    shown = []
    for name, record in records.items():
        rows = record.get("conflicts")
        if rows:
            figure = draw_conflicts(rows)
            width, height = figure.get_size_inches()
            figure.set_size_inches(WIDTH, height * max(WIDTH / width, 0.8))
            alt = f"Cosines of the tasks' gradients: {name}. {_worst(rows)}"
            shown.append(plot(figure, alt, name))
    if not shown:
        return []
    words = (
        "Cosines between the gradients of the tasks, after the last epoch on "
        "one batch. Below 0 two tasks pull the shared layers apart. Beside "
        "each task is its share of the gradients' norms."
    )
    return [paragraph(words), grid(*shown)]


def _worst(rows):
    pairs = [
        f"{row['task']} against {row['conflict']} {row['cosine']:.2f}"
        for row in rows
        if row.get("conflict")
    ]
    return f"In conflict: {listed(pairs)}." if pairs else "No conflict."


def pictures(paths):
    """Shows PNG files.

    Args:
        paths: Dict from caption to file.

    Returns:
        List of elements.
    """
    return [
        picture(path, f"Pictures of predictions: {name}", name)
        for name, path in (paths or {}).items()
    ]


def errors(rows):
    """Shows what went wrong, the traceback on request.

    Args:
        rows: List of dicts with `name` and `error`, perhaps `seed` and
            `traceback`.

    Returns:
        List of elements.
    """
    return [
        tag(
            "details",
            tag("summary", tag("b", _run(row)), " ", row["error"]),
            tag("pre", row.get("traceback") or row["error"]),
        )
        for row in rows
    ]


def _run(row):
    seed = row.get("seed")
    return row["name"] if seed is None else f"{row['name']}, seed {seed}"


def origin(records, command):
    """Says with what the runs were made, and how to repeat them.

    Args:
        records: List of records.
        command: The line to type, or `None`.

    Returns:
        List of elements.
    """
    repeat = None
    if command:
        words = paragraph(
            "To repeat or resume it, in the folder of the script:"
        )
        repeat = tag("div", words, tag("pre", command, class_="command"))
    if not records:
        return [repeat]
    seeds = _distinct(record.get("seed") for record in records)
    pairs = [
        ("backend", listed(_distinct(r.get("backend") for r in records))),
        ("machine", listed(_distinct(r.get("machine") for r in records))),
        ("seeds", ", ".join(map(str, seeds)) if len(seeds) < 12 else None),
        ("last run", _minute(max(r.get("time") or "" for r in records))),
    ]
    return [repeat, facts(pairs), _versions(records), _seeds_of(seeds)]


def _minute(time):
    """An ISO time without what a reader can spare."""
    if not time:
        return None
    return time[:16].replace("T", " ") + " UTC" * time.endswith("+00:00")


def _versions(records):
    names = _distinct(
        name for record in records for name in record.get("versions") or {}
    )
    rows = []
    for name in names:
        found = _distinct(r.get("versions", {}).get(name) for r in records)
        rows.append([name, listed(found)])
    return table(["package", "version"], rows, caption="Versions")


def _seeds_of(seeds):
    if len(seeds) < 12:
        return None
    lines = ", ".join(map(str, seeds))
    return tag(
        "details",
        tag("summary", f"The seeds of {len(seeds)} runs"),
        tag("pre", lines),
    )


def _distinct(values):
    return list(dict.fromkeys(v for v in values if v not in (None, "")))
