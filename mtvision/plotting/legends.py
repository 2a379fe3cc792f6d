"""Legends of classes, below a picture."""

from mtvision.plotting.class_names import class_name, is_background
from mtvision.plotting.palette import colour

# A legend of more classes would be longer than the picture.
MOST = 12
# Inches.
LINE = 0.19


def legend_of(numbers, class_names=None, *, background=True):
    """The classes of a map and their colours.

    Args:
        numbers: Classes, the largest first.
        class_names: List of names.
        background: Whether 0 may be one that has no colour.

    Returns:
        Dict from name to colour, `MOST` at most, and one entry that says how
        many more there are.

    Example:

    >>> legend_of([0, 1], ["background", "cat"])
    {'cat': '#56B4E9'}
    """
    entries = {
        class_name(number, class_names): colour(number)
        for number in numbers
        if not (background and is_background(number, class_names))
    }
    surplus = len(entries) - MOST
    entries = dict(list(entries.items())[:MOST])
    return entries | ({f"{surplus} more": "none"} if surplus > 0 else {})


def legend_height(entries):
    """Inches that a legend needs.

    Example:

    >>> legend_height({}), legend_height({"cat": "red"}) > 0
    (0.0, True)
    """
    return LINE * -(-len(entries) // _columns(entries))


def add_legend(axis, entries):
    """Adds a legend below the axes.

    Args:
        axis: Matplotlib axes.
        entries: Dict from name to colour.
    """
    from matplotlib import patches

    if not entries:
        return
    handles = [
        patches.Patch(facecolor=shade, edgecolor="grey", lw=0.5)
        for shade in entries.values()
    ]
    # Matplotlib would leave out a handle named "_background_".
    legend = axis.legend(
        handles,
        [" "] * len(handles),
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        ncols=_columns(entries),
        fontsize=8,
        frameon=False,
        handlelength=1,
        columnspacing=1,
        borderaxespad=0.2,
    )
    for text, name in zip(legend.get_texts(), entries):
        text.set_text(name)
        text.set_parse_math(False)


def _columns(entries):
    longest = max(map(len, entries), default=0)
    return 4 if longest <= 6 else 3 if longest <= 11 else 2
