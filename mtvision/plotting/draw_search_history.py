"""How the best value of a search rose."""

import numpy as np

from mtvision.plotting.curves import LINES
from mtvision.plotting.plot_figure import (
    axis_name,
    plain_legend,
    plot_figure,
)


def draw_search_history(numbers, values, name, *, direction):
    """Draws each trial's value, and the best one so far.

    Args:
        numbers: Numbers of the N trials, rising.
        values: Their values (N,), finite.
        name: The objective.
        direction: `"maximize"` or `"minimize"`.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If there is no trial.

    Example:

    >>> figure = draw_search_history(
    ...     [0, 1, 3], [0.5, 0.4, 0.7], "accuracy", direction="maximize")
    >>> figure.axes[0].lines[1].get_ydata().tolist()
    [0.5, 0.5, 0.7]
    """
    values = np.asarray(values, "float64")
    if not len(values):
        raise ValueError("Expected values of finished trials, received none.")
    best = np.maximum if direction == "maximize" else np.minimum
    figure, axis = plot_figure("trial", axis_name(name, direction))
    handles = axis.plot(numbers, values, "o", color="darkgrey", markersize=5)
    handles += axis.plot(
        numbers,
        best.accumulate(values),
        color=LINES[0],
        linewidth=2,
        drawstyle="steps-post",
    )
    axis.xaxis.get_major_locator().set_params(integer=True)
    plain_legend(figure, handles, ["a trial", "best so far"])
    return figure
