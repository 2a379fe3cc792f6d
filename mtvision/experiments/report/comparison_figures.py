"""Figures of a comparison, with their captions."""

import numpy as np

from mtvision.experiments.report.images import grid, plot
from mtvision.experiments.report.parts import paragraph, with_numbers
from mtvision.experiments.report.phrases import listed
from mtvision.plotting.draw_intervals import draw_intervals
from mtvision.plotting.draw_learning_curves import draw_learning_curves
from mtvision.plotting.plot_figure import axis_name


def changes(rows):
    """Draws delta m of each method.

    Args:
        rows: As for `comparison_page`, the best first.

    Returns:
        List of elements.
    """
    rows = [row for row in rows if row.get("delta_m")]
    if not rows:
        return []
    dots = [_dot(row["method"], row["delta_m"]) for row in rows]
    figure = draw_intervals(
        dots, xlabel="delta m, % (higher is better)", reference=0
    )
    alt = f"Delta m, from the highest: {_said(dots)}."
    words = (
        "Large dots are means over the seeds, small dots single seeds. The "
        "dashed line is what models of single tasks reach, lines are 95 % "
        "intervals of the difference to them, seed by seed. A hollow dot: the "
        "interval holds no difference, so that neither better nor worse is "
        "shown."
    )
    return [paragraph(words), plot(figure, alt)]


def measures(rows, metrics):
    """Draws each metric of each method, against the single-task models.

    Args:
        rows: As for `comparison_page`.
        metrics: Dict from metric to direction.

    Returns:
        List of elements.
    """
    shown = []
    for key, direction in metrics.items():
        known = [row for row in rows if row["metrics"].get(key)]
        alone = [row for row in known if not row.get("delta_m")]
        mean = alone[0]["metrics"][key]["mean"] if len(alone) == 1 else None
        dots = [_dot(row["method"], row["metrics"][key], mean) for row in known]
        if not dots:
            continue
        figure = draw_intervals(
            dots, xlabel=axis_name(key, direction), reference=mean
        )
        shown.append(plot(figure, f"{key}: {_said(dots)}."))
    return [grid(*shown)]


def times(rows):
    """Draws the time that a step takes."""
    dots = [
        {"name": row["method"], "mean": 1000 * row["step_seconds"]}
        for row in rows
        if row.get("step_seconds")
    ]
    if not dots:
        return []
    figure = draw_intervals(dots, xlabel="milliseconds a step (median)")
    figure.axes[0].set_xlim(0, 1.08 * max(dot["mean"] for dot in dots))
    alt = f"Milliseconds a step: {_said(dots)}."
    return [plot(figure, alt)]


def curves(records, names, metrics):
    """Draws how each metric went on the validation split.

    Args:
        records: Of all runs.
        names: The methods, in order.
        metrics: Names of the metrics.

    Returns:
        List of elements.
    """
    shown = []
    for key in metrics:
        found = {
            name: mean_curve(
                [
                    with_numbers(record["history"])[f"val_{key}"]
                    for record in records
                    if record["name"] == name
                    and f"val_{key}" in record.get("history", {})
                ]
            )
            for name in names
        }
        found = {name: curve for name, curve in found.items() if len(curve)}
        if found:
            alt = f"{key} on the validation split over the epochs."
            shown.append(plot(draw_learning_curves(found, key), alt))
    if not shown:
        return []
    words = "On the validation split, mean over the seeds."
    return [paragraph(words), grid(*shown)]


def mean_curve(curves):
    """The mean of curves, as far as the shortest goes.

    Args:
        curves: List of lists of numbers.

    Returns:
        Array (E,), empty for no curve.

    Example:

    >>> mean_curve([[1, 2, 3], [3, 4]]).tolist()
    [2.0, 3.0]
    """
    length = min(map(len, curves), default=0)
    if not length:
        return np.zeros(0)
    return np.mean([curve[:length] for curve in curves], axis=0)


def _dot(name, estimate, alone=None):
    """A row of the figure; hollow if the change from `alone` may be none."""
    mean, half = estimate["mean"], estimate.get("half")
    ends = {} if half is None else {"low": mean - half, "high": mean + half}
    values = estimate.get("values") or []
    change = estimate.get("half_of_change")
    if alone is not None and change is not None:
        ends["unsure"] = abs(mean - alone) <= change
    return {"name": name, "mean": mean, "points": values, **ends}


def _said(dots):
    return listed(f"{dot['name']} {dot['mean']:.4g}" for dot in dots)
