"""What plots of numbers have in common."""


def plot_figure(xlabel="", ylabel="", title=None, *, size=(5, 3.4)):
    """A figure with one quiet pair of axes.

    Names are written as they are: `$` begins no formula.

    Args:
        xlabel: Name of what goes to the right.
        ylabel: Name of what goes up.
        title: Text above, or `None`.
        size: Width and height in inches.

    Returns:
        `(figure, axis)`.

    Example:

    >>> figure, axis = plot_figure("epoch", "cost in $")
    >>> axis.get_ylabel()
    'cost in $'
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    axis.set_xlabel(xlabel, parse_math=False)
    axis.set_ylabel(ylabel, parse_math=False)
    axis.grid(alpha=0.3)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    if title:
        axis.set_title(title, fontsize=10, parse_math=False)
    return figure, axis


def plain_legend(figure, handles, labels, *, columns=2):
    """Names lines below the axes, whatever signs the names hold.

    Args:
        figure: A matplotlib `Figure` with the layout `"constrained"`.
        handles: Lines or markers.
        labels: Their names. One that begins with `_` is kept, which
            matplotlib would leave out.
        columns: Names beside each other.

    Returns:
        The legend.

    Example:

    >>> figure, axis = plot_figure()
    >>> lines = axis.plot([1, 2])
    >>> legend = plain_legend(figure, lines, ["_$a"])
    >>> legend.get_texts()[0].get_text()
    '_$a'
    """
    spare = [f"{place}" for place in range(len(labels))]
    legend = figure.legend(
        handles,
        spare,
        loc="outside lower center",
        ncols=min(columns, max(len(labels), 1)),
        frameon=False,
        fontsize=9,
    )
    for text, label in zip(legend.get_texts(), labels):
        text.set_parse_math(False)
        text.set_text(label)
    return legend


def axis_name(name, direction):
    """The name of an objective, and which way it is to go.

    Args:
        name: Its name.
        direction: `"maximize"` or `"minimize"`.

    Example:

    >>> axis_name("mask_loss", "minimize")
    'mask_loss (lower is better)'
    """
    better = "higher" if direction == "maximize" else "lower"
    return f"{name} ({better} is better)"
