"""What a search found for two objectives."""

import itertools

import numpy as np

from mtvision.plotting.curves import LINES
from mtvision.plotting.plot_figure import (
    axis_name,
    plain_legend,
    plot_figure,
)


def draw_pareto_front(
    values, front, names, *, directions, chosen=None, others=False
):
    """Draws two objectives against each other and marks the Pareto front.

    Args:
        values: Array (N, 2), finite.
        front: Indices of the points that no other one beats in all
            objectives.
        names: The two objectives.
        directions: `"maximize"` or `"minimize"` for each.
        chosen: Index of the point to ring, or `None`.
        others: Whether the front counts further objectives; then its points
            are not joined by a line.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If the values have another shape.

    Example:

    >>> figure = draw_pareto_front(
    ...     [[0.9, 0.4], [0.7, 0.6], [0.6, 0.5]], [0, 1], ["digit", "mask"],
    ...     directions=["maximize", "maximize"], chosen=1)
    >>> figure.axes[0].get_xlabel()
    'digit (higher is better)'
    """
    values = np.asarray(values, "float64")
    if values.ndim != 2 or values.shape[1] != 2 or not len(values):
        raise ValueError(
            f"Expected values (N, 2) of two objectives, received an array "
            f"{values.shape}."
        )
    labels = [axis_name(*each) for each in zip(names, directions)]
    figure, axis = plot_figure(*labels, size=(5, 4.2))
    front = sorted(front, key=lambda place: values[place, 0])
    rest = np.delete(values, front, axis=0)
    handles, kinds = [], []
    if len(rest):
        handles += axis.plot(*rest.T, "o", color="darkgrey", markersize=5)
        kinds.append("other trials")
    if not others and len(front) > 1:
        axis.plot(*_stairs(values[front], directions), color=LINES[0], lw=1)
    handles += axis.plot(*values[front].T, "o", color=LINES[0], markersize=7)
    kinds.append("Pareto front")
    if chosen is not None:
        handles += axis.plot(
            *values[chosen], "o", mfc="none", mec="black", ms=14, mew=1.5
        )
        kinds.append("chosen")
    plain_legend(figure, handles, kinds, columns=3)
    return figure


def _stairs(points, directions):
    """The border of what the points beat: a corner between neighbours.

    Of two neighbours in rising x, the corner has the worse value of each
    objective: no point of the front beats anything beyond it.
    """
    worse = [
        np.minimum if each == "maximize" else np.maximum for each in directions
    ]
    line = [points[0]]
    for left, right in itertools.pairwise(points):
        corner = [pick(left[k], right[k]) for k, pick in enumerate(worse)]
        line += [corner, right]
    return np.array(line).T
