"""One picture of a figure."""

import dataclasses
import textwrap
from collections.abc import Callable

from mtvision.plotting.judgements import CROSS
from mtvision.plotting.palette import WRONG

# Letters of a title line above one picture, and most lines of one label.
LETTERS, LINES = 46, 4


@dataclasses.dataclass
class Panel:
    """One picture of a figure.

    Args:
        draw: Function of matplotlib axes.
        lines: Lines of the title; those that begin with a cross are wrong.
        shape: Height and width of the picture, pixels.
        foot: Inches below the picture, for a legend or a colour bar.

    Example:

    >>> Panel(print, ["label: 3"], (20, 10)).height(3.0)
    6.0
    """

    draw: Callable
    lines: list
    shape: tuple
    foot: float = 0.0

    def height(self, width):
        """The height of the picture for its width, in the same unit."""
        return width * self.shape[0] / self.shape[1]

    def wrapped(self):
        """The lines of the title, none longer than the picture."""
        return [
            part
            for line in self.lines
            for part in textwrap.wrap(line, LETTERS, max_lines=LINES)
        ]

    def put_on(self, axis):
        """Draws the picture and its title on matplotlib axes."""
        self.draw(axis)
        wrong = any(line.startswith(CROSS) for line in self.lines)
        axis.set_title(
            "\n".join(self.wrapped()),
            fontsize=9,
            color=WRONG if wrong else "black",
            # A dollar in a file name or caption is no formula.
            parse_math=False,
        )
