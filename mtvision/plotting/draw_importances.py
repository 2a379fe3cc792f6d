"""Which parameters of a search matter."""

from mtvision.plotting.curves import LINES
from mtvision.plotting.plot_figure import plot_figure


def draw_importances(shares, *, title=None):
    """Draws a bar for each parameter, the most important one on top.

    Args:
        shares: Dict from parameter to its share of the importance, 0 to 1,
            as `optuna.importance.get_param_importances` gives it.
        title: Text above, such as the objective.

    Returns:
        A matplotlib `Figure`.

    Raises:
        ValueError: If there is no parameter.

    Example:

    >>> figure = draw_importances({"learning_rate": 0.25, "trunk": 0.75})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['75 %', '25 %']
    """
    if not shares:
        raise ValueError("Expected shares of parameters, received none.")
    names = sorted(shares, key=shares.get, reverse=True)
    heights = [100 * shares[name] for name in names]
    figure, axis = plot_figure(
        "importance, %", title=title, size=(5, 0.95 + 0.3 * max(len(names), 2))
    )
    bars = axis.barh(range(len(names)), heights, 0.6, color=LINES[0])
    axis.bar_label(bars, [f"{height:.0f} %" for height in heights], padding=3)
    axis.set_yticks(range(len(names)), names, parse_math=False)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(0, 1.15 * max(*heights, 1))
    axis.grid(visible=False, axis="y")
    return figure
