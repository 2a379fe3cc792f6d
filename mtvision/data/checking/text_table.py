"""Tables of text, for people."""


def text_table(rows):
    """Lays out rows of equal keys as a table.

    Args:
        rows: List of dicts; numbers are set flush right.

    Returns:
        A text of several lines, or "" without a row.

    Example:

    >>> print(text_table([{"class": "cat", "number": 12}]))
    class  number
    -----  ------
    cat        12
    """
    if not rows:
        return ""
    columns = []
    for key in rows[0]:
        cells = [_text(row[key]) for row in rows]
        width = max(map(len, [key, *cells]))
        right = all(_is_number(row[key]) for row in rows)
        lines = [key, "-" * width, *cells]
        columns.append(
            [c.rjust(width) if right else c.ljust(width) for c in lines]
        )
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns))


def _is_number(value):
    return value is None or (
        isinstance(value, (int, float)) and not isinstance(value, bool)
    )


def _text(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
