"""Pictures in rows."""

# Inches.
WIDTH, GAP, LINE = 3.2, 0.12, 0.165


def arrange(groups, *, columns):
    """Draws panels on a figure, those of a group behind one another.

    Args:
        groups: List of lists of `Panel`. A group begins a new row if it does
            not fit on the last one.
        columns: Most panels in a row.

    Returns:
        A matplotlib `Figure`.
    """
    from matplotlib.figure import Figure

    rows = rows_of_groups(groups, columns)
    width = max(len(row) for row in rows) * (WIDTH + GAP) + GAP
    height = sum(sum(_heights(row)) for row in rows) + GAP
    figure = Figure(figsize=(width, height))
    top = height - GAP
    for row in rows:
        head, middle, foot = _heights(row)
        for column, panel in enumerate(row):
            tall = panel.height(WIDTH)
            left, bottom = GAP + column * (WIDTH + GAP), top - head - tall
            place = left / width, bottom / height, WIDTH / width, tall / height
            panel.put_on(figure.add_axes(place))
        top -= head + middle + foot
    return figure


def _heights(row):
    """Inches for the titles of a row, its pictures, and what is below."""
    titles = max(len(panel.wrapped()) for panel in row) * LINE + GAP
    pictures = max(panel.height(WIDTH) for panel in row)
    return titles, pictures, max(panel.foot for panel in row) + GAP


def rows_of_groups(groups, columns):
    """Lays groups in rows.

    Args:
        groups: List of lists.
        columns: Most elements in a row.

    Returns:
        List of lists.

    Example:

    >>> rows_of_groups([[1, 2], [3, 4], [5, 6, 7, 8]], 3)
    [[1, 2], [3, 4], [5, 6, 7], [8]]
    """
    rows = [[]]
    for group in groups:
        if rows[-1] and len(rows[-1]) + len(group) > columns:
            rows.append([])
        for element in group:
            if len(rows[-1]) == columns:
                rows.append([])
            rows[-1].append(element)
    return rows
