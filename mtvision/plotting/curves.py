"""What pictures of curves between 0 and 1 have in common."""

import itertools

from mtvision.plotting.plot_figure import plot_figure

# Wong, 2011: told apart with any colour vision, and dark enough for lines on
# white, unlike the yellow of the palette of classes.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("-", "--", ":", "-.")


def curve_figure(xlabel, ylabel, title=None, *, size=(6.5, 4.2)):
    """A figure whose axes go from 0 to 1.

    Args:
        xlabel: Name of what goes to the right.
        ylabel: Name of what goes up.
        title: Text above, or `None`.
        size: Width and height in inches.

    Returns:
        `(figure, axis)`.

    Example:

    >>> figure, axis = curve_figure("recall", "precision")
    >>> axis.get_xlabel()
    'recall'
    """
    figure, axis = plot_figure(xlabel, ylabel, title, size=size)
    axis.set(xlim=(0, 1.02), ylim=(0, 1.03))
    return figure, axis


def line_style(number):
    """Colour and dashes of a line, so that 24 lines differ.

    Args:
        number: 0 or more.

    Returns:
        Dict of `color` and `linestyle`.

    Example:

    >>> line_style(0) == line_style(6), line_style(6)["linestyle"]
    (False, '--')
    """
    pairs = list(itertools.product(DASHES, LINES))
    dashes, colour = pairs[number % len(pairs)]
    return {"color": colour, "linestyle": dashes}
