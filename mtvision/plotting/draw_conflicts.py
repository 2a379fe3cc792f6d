"""A heat map of which tasks pull the same way, and which do not."""

import numpy as np


def draw_conflicts(rows):
    """Draws the cosines of the tasks' gradients.

    Args:
        rows: What `mtvision.balancing.diagnose` returns.

    Returns:
        A matplotlib `Figure`: blue where two tasks agree, red where they
        conflict; beside each task its share of the gradients' norms.

    Example:

    >>> rows = [
    ...     {"task": "a", "share": 0.9, "cosines": {"a": 1.0, "b": -0.4}},
    ...     {"task": "b", "share": 0.1, "cosines": {"a": -0.4, "b": 1.0}},
    ... ]
    >>> [axis.get_title() for axis in draw_conflicts(rows).axes[:1]]
    ['cosines of the gradients']
    """
    from matplotlib.figure import Figure

    tasks = [row["task"] for row in rows]
    cosines = np.array([[row["cosines"][t] for t in tasks] for row in rows])
    side = 2.5 + 0.6 * len(tasks)
    figure = Figure(figsize=(side + 1.5, side), layout="constrained")
    axis = figure.subplots()
    picture = axis.imshow(cosines, cmap="RdBu", vmin=-1, vmax=1)
    for (i, j), cosine in np.ndenumerate(cosines):
        colour = "white" if abs(cosine) > 0.6 else "black"
        axis.text(
            j, i, f"{cosine:z.2f}", ha="center", va="center", color=colour
        )
    names = [f"{row['task']} ({100 * row['share']:.0f} %)" for row in rows]
    places = range(len(tasks))
    axis.set_xticks(places, tasks, rotation=30, ha="right", parse_math=False)
    axis.set_yticks(places, names, parse_math=False)
    axis.set_title("cosines of the gradients")
    figure.colorbar(picture, ax=axis, shrink=0.8)
    return figure
