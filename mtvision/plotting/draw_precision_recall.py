"""Precision over recall, a line for each class."""

import numpy as np

from mtvision.plotting.class_names import class_name
from mtvision.plotting.curves import curve_figure, line_style

# With more classes than these, only the worst have lines of their own.
MOST = 10


def draw_precision_recall(curves, *, class_names=None, title=None, most=MOST):
    """Draws precision over recall, a line for each class.

    Args:
        curves: List of C `PrecisionRecall`, as
            `metrics.precision_recall_curves` gives them; classes without an
            object are left out.
        class_names: List of C names, or `None`.
        title: Text above, such as `"IoU 0.5"`.
        most: Most lines to draw: the classes of the least area. The legend
            tells how many are left out.

    Returns:
        A matplotlib `Figure`. A line ends with a dot where nothing more is
        found. In the legend is the area under each line, the
        precision taken as the best at that recall or a higher one.

    Raises:
        ValueError: If no class has an object.

    Example:

    >>> truth = [{"boxes": [[0, 0, 4, 4]], "classes": [0]}]
    >>> found = [{"boxes": [[0, 0, 4, 3]], "classes": [0], "scores": [0.9]}]
    >>> curves = mtv.metrics.precision_recall_curves(truth, found)
    >>> figure = draw_precision_recall(curves, class_names=["cat"])
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['cat: 1.00']
    """
    steps = {
        number: _steps(curve)
        for number, curve in enumerate(curves)
        if curve.num_objects
    }
    if not steps:
        raise ValueError(
            f"Expected curves of classes that have an object, received "
            f"{len(curves)} without."
        )
    areas = {number: _area(*line) for number, line in steps.items()}
    shown = sorted(sorted(steps, key=areas.get)[:most])
    figure, axis = curve_figure("recall", "precision", title)
    for place, number in enumerate(shown):
        name = class_name(number, class_names)
        axis.plot(
            *steps[number],
            label=f"{name}: {areas[number]:.2f}",
            drawstyle="steps-pre",
            # Where a line ends, nothing more is found.
            marker="o",
            markevery=[len(steps[number][0]) - 1],
            markersize=4,
            clip_on=False,
            **line_style(place),
        )
    hidden = len(steps) - len(shown)
    above = f"area ({hidden} better ones left out)" if hidden else "area"
    legend = axis.legend(
        title=above,
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        borderaxespad=0,
        fontsize=9,
        frameon=False,
        alignment="left",
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure


def _steps(curve):
    """Recall and precision, from recall 0, with the best precision ahead."""
    if not len(curve.precision):
        return np.zeros(1), np.zeros(1)
    best = np.maximum.accumulate(curve.precision[::-1])[::-1]
    return np.append(0.0, curve.recall), np.append(best[0], best)


def _area(recall, precision):
    return float((np.diff(recall) * precision[1:]).sum())
