"""Tables that scroll sideways in a box of their own."""

from mtvision.experiments.report.markup import Markup, tag
from mtvision.experiments.report.phrases import number_text

# Characters from which a text gets a wide column.
LONG = 30


def table(columns, rows, *, caption=None, marked=(), tall=False):
    """Writes a table.

    Args:
        columns: Names of the columns.
        rows: List of lists of cells: numbers, texts, `Markup` or `None`.
        caption: What it shows, or `None`.
        marked: Numbers of the rows to mark.
        tall: Whether a long table scrolls downwards, too.

    Returns:
        `Markup`.

    Example:

    >>> text = table(["trial", "accuracy"], [[0, 0.912345], [1, None]])
    >>> '<td class="number">0.9123</td>' in text
    True
    """
    cells = zip(*rows) if rows else [()] * len(columns)
    kinds = [_kind(column) for column in cells]
    head = [
        tag("th", column, scope="col", class_=kind)
        for column, kind in zip(columns, kinds)
    ]
    body = [
        tag(
            "tr",
            *map(_cell, row, kinds),
            class_="marked" if place in marked else None,
        )
        for place, row in enumerate(rows)
    ]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption) if caption else None,
            tag("thead", tag("tr", *head)),
            tag("tbody", *body),
        ),
        class_="scroll tall" if tall else "scroll",
        # Scrolling by keyboard needs the focus.
        tabindex=0,
        role="region",
        aria_label=caption or "table",
    )


def facts(pairs):
    """Writes what is known about a thing, name beside value.

    Args:
        pairs: List of `(name, value)`; values that are `None` are left out.

    Returns:
        `Markup`.

    Example:

    >>> facts([("epochs", 5), ("seed", None)])
    '<dl><div><dt>epochs</dt><dd>5</dd></div></dl>'
    """
    return tag(
        "dl",
        *(
            tag("div", tag("dt", name), tag("dd", _text(value)))
            for name, value in pairs
            if value is not None
        ),
    )


def _kind(cells):
    """How a column is aligned: as its first number or result."""
    return next(filter(None, map(_alignment, cells)), None)


def _alignment(value):
    if isinstance(value, Markup):
        return "number" if value.startswith('<td class="result') else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if number else None


def _cell(value, kind):
    if isinstance(value, Markup) and value.startswith("<td"):
        return value
    if isinstance(value, str) and len(value) > LONG:
        kind = "long"
    return tag("td", _text(value), class_=kind)


def _text(value):
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return "\N{EN DASH}" if value is None else value
