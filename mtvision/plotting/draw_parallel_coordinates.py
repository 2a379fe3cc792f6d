"""All parameters and results of many trials in one picture."""

import numpy as np

from mtvision.plotting.plot_figure import plot_figure

# Where a trial stands on an axis that it does not have.
ABSENT = -0.18


def draw_parallel_coordinates(columns, scores, *, log=(), chosen=None):
    """Draws a line for each trial through its parameters and results.

    The axes lie below each other, so that their names can be read.

    Args:
        columns: Dict from a parameter or result to the values of the N
            trials: numbers, or texts for choices. `None` where a trial does
            not have it.
        scores: Array (N,): the better a trial, the higher; it gets a darker
            line, drawn above the others.
        log: Names of the columns with a logarithmic scale.
        chosen: Index of the trial to draw in black, or `None`.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If there is nothing to draw, or the lengths differ.

    Example:

    >>> figure = draw_parallel_coordinates(
    ...     {"rate": [0.001, 0.1], "method": ["sum", "PCGrad"]},
    ...     [0.7, 0.9], log=["rate"])
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['rate', 'method']
    """
    lengths = {name: len(values) for name, values in columns.items()}
    if not lengths or set(lengths.values()) != {len(scores)} or not len(scores):
        raise ValueError(
            f"Expected columns with as many values as scores, {len(scores)} "
            f"and more than none, received {lengths}."
        )
    figure, axis = plot_figure(size=(5, 0.6 + 0.62 * max(len(columns), 2)))
    axes = [_Axis(values, name in log) for name, values in columns.items()]
    _draw_lines(axis, axes, np.asarray(scores, "float64"), chosen)
    for row, each in enumerate(axes):
        _draw_axis(axis, row, each)
    axis.set_yticks(range(len(columns)), list(columns), parse_math=False)
    axis.set(xlim=(ABSENT - 0.05, 1.05), ylim=(len(columns) - 0.5, -0.3))
    axis.set_xticks([])
    axis.spines[:].set_visible(False)
    axis.grid(visible=False)
    axis.tick_params(axis="y", length=0)
    return figure


class _Axis:
    """Places of values between 0 and 1, and what to write where."""

    def __init__(self, values, log):
        known = [value for value in values if value is not None]
        self.gaps = len(known) < len(values)
        # Numbers and texts may stand in one column (a trunk, or None).
        self.choices = any(isinstance(value, str) for value in known)
        if self.choices:
            names = sorted(dict.fromkeys(map(str, known)))
            places = dict(zip(names, _spread(len(names))))
            self.marks = [(place, name) for name, place in places.items()]
            self._place = lambda value: places[str(value)]
            self.log = False
        else:
            low, high = (min(known), max(known)) if known else (0, 0)
            self.log = log and low > 0
            self._scale = np.log if self.log else float
            ends = [(0, low), (1, high)] if low != high else [(0.5, low)]
            self.marks = [(place, f"{end:.3g}") for place, end in ends]
            self._ends = self._scale(low or 0), self._scale(high or 0)
            self._place = self._place_number
        self.places = [
            ABSENT if value is None else self._place(value) for value in values
        ]

    def _place_number(self, value):
        low, high = self._ends
        return (self._scale(value) - low) / (high - low) if high > low else 0.5


def _spread(number):
    return np.linspace(0, 1, number) if number > 1 else [0.5]


def _draw_lines(axis, axes, scores, chosen):
    from matplotlib import colormaps

    rows = range(len(axes))
    # Ranks, so that one trial far off does not make all others alike.
    ranks = np.argsort(np.argsort(scores)) / max(len(scores) - 1, 1)
    for trial, rank in enumerate(ranks):
        picked = trial == chosen
        axis.plot(
            [each.places[trial] for each in axes],
            rows,
            color="black" if picked else colormaps["Blues"](0.2 + 0.75 * rank),
            linewidth=2.5 if picked else 1 + rank,
            alpha=1 if picked else 0.8,
            zorder=4 if picked else 2 + rank,
        )


def _draw_axis(axis, row, each):
    axis.plot([0, 1], [row, row], color="dimgrey", linewidth=1, zorder=5)
    marks = list(each.marks)
    if each.gaps:
        marks.append((ABSENT, "none"))
    for number, (place, text) in enumerate(marks):
        # Many names get room by standing above and below in turn.
        below = len(marks) > 5 and number % 2
        axis.plot(place, row, "|", color="dimgrey", markersize=8, zorder=5)
        axis.annotate(
            text,
            (place, row),
            (0, -5 if below else 5),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            fontsize=8,
            zorder=6,
            parse_math=False,
            bbox={"fc": "white", "ec": "none", "pad": 0.8, "alpha": 0.8},
        )
