"""One number over the epochs, of several trainings."""

from mtvision.plotting.curves import line_style
from mtvision.plotting.plot_figure import plain_legend, plot_figure


def draw_learning_curves(curves, ylabel, *, title=None):
    """Draws a line for each training.

    Args:
        curves: Dict from name to the numbers after each epoch.
        ylabel: What they measure.
        title: Text above.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If there is no curve, or one without numbers.

    Example:

    >>> figure = draw_learning_curves(
    ...     {"sum": [0.4, 0.6], "PCGrad": [0.5, 0.7]}, "accuracy")
    >>> figure.axes[0].lines[1].get_xdata().tolist()
    [1, 2]
    """
    empty = [name for name, curve in curves.items() if not len(curve)]
    if empty or not curves:
        raise ValueError(
            "Expected numbers of at least one epoch for each curve, received "
            f"none for {empty or 'any'}."
        )
    columns = 3 if max(map(len, curves)) < 14 else 2
    rows = -(-len(curves) // columns)
    size = 5, 3.1 + 0.18 * rows
    figure, axis = plot_figure("epoch", ylabel, title, size=size)
    handles = []
    for place, curve in enumerate(curves.values()):
        handles += axis.plot(
            range(1, len(curve) + 1),
            curve,
            marker="o" if len(curve) < 12 else None,
            markersize=3.5,
            **line_style(place),
        )
    axis.xaxis.get_major_locator().set_params(integer=True)
    plain_legend(figure, handles, list(curves), columns=columns)
    return figure
