"""Pictures in rows."""

INCHES = 3.2


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
    width = max(len(row) for row in rows)
    heights = [max(_height(panel) for panel in row) for row in rows]
    figure = Figure(
        figsize=(INCHES * width, sum(heights)), layout="constrained"
    )
    axes = figure.subplots(
        len(rows), width, squeeze=False, height_ratios=heights
    )
    for row, line in zip(rows, axes):
        for panel, axis in zip(row, line):
            panel.put_on(axis)
        for axis in line[len(row) :]:
            axis.remove()
    return figure


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


def _height(panel):
    """Inches: the picture, the lines of its title, and a legend."""
    height, width = panel.shape
    return INCHES * height / width + 0.16 * len(panel.wrapped()) + 0.3
