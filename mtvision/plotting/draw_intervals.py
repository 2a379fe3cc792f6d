"""Means with their intervals, below each other."""

import numpy as np

from mtvision.plotting.curves import LINES
from mtvision.plotting.plot_figure import plot_figure


def draw_intervals(rows, *, xlabel="", title=None, reference=None):
    """Draws a dot for each mean, a line for its interval, and its single
    values as small dots.

    Args:
        rows: List of dicts with `name` and `mean`; perhaps `low` and `high`,
            the ends of the interval (`None`: not known), `points`, a list of
            single values, and `unsure`, whether the dot is hollow. The first
            row is drawn on top.
        xlabel: What is measured.
        title: Text above.
        reference: Where to draw a dashed line, or `None`. Without `unsure` a
            dot is hollow where the interval holds the reference.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If there is nothing to draw, or a mean is not finite.

    Example:

    >>> rows = [{"name": "sum", "mean": -1.0, "low": -3.0, "high": 1.0},
    ...         {"name": "UPGrad", "mean": 2.0, "low": 1.0, "high": 3.0}]
    >>> figure = draw_intervals(rows, xlabel="delta m, %", reference=0)
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['sum', 'UPGrad']
    """
    rows = list(rows)
    if not rows:
        raise ValueError("Expected rows with means to draw, received none.")
    for row in rows:
        if not np.isfinite(row["mean"]):
            raise ValueError(
                f"{row['name']!r}: expected a finite mean, received "
                f"{row['mean']}. Leave out rows without a result."
            )
    figure, axis = plot_figure(
        xlabel, title=title, size=(5, 0.95 + 0.3 * max(len(rows), 2))
    )
    if reference is not None:
        axis.axvline(reference, color="dimgrey", linestyle="--", linewidth=1)
    for place, row in enumerate(rows):
        _draw_row(axis, place, row, reference)
    names = [row["name"] for row in rows]
    axis.set_yticks(range(len(rows)), names, parse_math=False)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(visible=False, axis="y")
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    return figure


def _draw_row(axis, place, row, reference):
    colour = LINES[0]
    points = row.get("points") or []
    axis.plot(points, [place] * len(points), ".", color=colour, alpha=0.35)
    low, high = row.get("low"), row.get("high")
    known = low is not None and high is not None
    if known:
        axis.plot([low, high], [place, place], color=colour, linewidth=2)
    unsure = row.get("unsure")
    if unsure is None and known and reference is not None:
        unsure = low <= reference <= high
    axis.plot(
        row["mean"],
        place,
        "o",
        color=colour,
        markersize=7,
        markerfacecolor="white" if unsure else colour,
        markeredgewidth=1.5,
    )
