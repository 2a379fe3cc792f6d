"""Which trials are best, and which one is chosen."""

import math

from mtvision.experiments.runs.statistics import mean_ranks


def pareto_front(rows, directions):
    """The rows that no other row is better than.

    A row is better than another if it is as good in all objectives and better
    in one.

    Args:
        rows: List of lists of one number for each objective.
        directions: List of `"maximize"` or `"minimize"`.

    Returns:
        List of places in `rows`.

    Example:

    >>> pareto_front([[1, 5], [2, 4], [1, 4]], ["maximize", "maximize"])
    [0, 1]
    """
    signs = [1 if way == "maximize" else -1 for way in directions]
    points = [[s * value for s, value in zip(signs, row)] for row in rows]
    return [
        place
        for place, point in enumerate(points)
        if not any(_is_better(other, point) for other in points)
    ]


def choose(trials, objectives):
    """The trial that is trained anew and measured on the test split.

    With one objective it is the best. With several it is one of the Pareto
    front: that with the highest delta m if there are baselines, otherwise the
    one whose mean rank over the objectives, among all complete trials, is the
    best. (Among those of a front of two objectives all mean ranks are equal.)
    Of equal ones, the first.

    Args:
        trials: List of dicts with `number`, `state`, `values` and `record`.
        objectives: `Objectives`.

    Returns:
        One of `trials`, or `None` if none is complete.
    """
    complete = [trial for trial in trials if trial["state"] == "complete"]
    if not complete:
        return None
    directions = [objectives.directions[name] for name in objectives.names]
    rows = [[t["values"][n] for n in objectives.names] for t in complete]
    front = pareto_front(rows, directions)
    if objectives.baselines:
        scores = [_delta_m(t["record"], objectives) for t in complete]
    else:
        scores = [-rank for rank in mean_ranks(rows, directions)]
    return complete[max(front, key=lambda place: scores[place])]


def _is_better(one, other):
    return one != other and all(a >= b for a, b in zip(one, other))


def _delta_m(record, objectives):
    found = objectives.delta_m(record["validation"], record["tasks"])
    return -math.inf if math.isnan(found) else found
