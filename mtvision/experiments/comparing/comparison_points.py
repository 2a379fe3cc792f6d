"""From the records of runs to one number a method, measure and seed."""

import math
import statistics

from mtvision.experiments.comparing.comparison_plan import ALONE, task_of
from mtvision.experiments.runs.objectives import DELTA_M, delta_m


def collect_points(records, objectives, split):
    """Sorts what runs have measured.

    Args:
        records: List of the records of runs that have ended well; those with
            `alone` are of the tasks named there, on their own.
        objectives: Dict of `"maximize"` or `"minimize"` by metric.
        split: `"validation"` or `"test"`.

    Returns:
        Dict from method to a dict from objective to a dict from seed to a
        float. `"alone"` is the first method. Numbers that are not finite are
        left out.

    Example:

    >>> record = {"name": "sum", "seed": 3, "test": {"a_loss": 0.5}}
    >>> collect_points([record], {"a_loss": "minimize"}, "test")
    {'alone': {}, 'sum': {'a_loss': {3: 0.5}}}
    """
    points = {ALONE: {}}
    for record in records:
        members = record.get("alone")
        method = record["name"] if members is None else ALONE
        of_method = points.setdefault(method, {})
        for name in objectives:
            value = record[split].get(name, math.nan)
            own = members is None or task_of(name, members) is not None
            if own and math.isfinite(value):
                of_method.setdefault(name, {})[record["seed"]] = value
    return points


def baselines_of(points, objectives, tasks):
    """What models of single tasks reach, as means over the seeds.

    Args:
        points: What `collect_points` returns.
        objectives: As there.
        tasks: Names of the tasks.

    Returns:
        Dict of floats by objective, and the reason why there is no delta m,
        or `None`.

    Example:

    >>> points = {"alone": {"a_acc": {0: 0.5, 1: 0.75}}}
    >>> baselines_of(points, ["a_acc"], ["a"])
    ({'a_acc': 0.625}, None)
    """
    alone = points[ALONE]
    needed = [name for name in objectives if task_of(name, tasks)]
    lacking = [name for name in needed if not alone.get(name)]
    found = {
        name: statistics.fmean(alone[name].values())
        for name in needed
        if name not in lacking
    }
    zeros = [name for name, value in found.items() if value == 0]
    if not needed:
        return found, "no objective is of a task"
    if lacking:
        return found, f"no single-task run has a result for {lacking}"
    if zeros:
        return found, f"single-task runs reach 0 in {zeros}, without a share"
    return found, None


def delta_m_points(points, baselines, directions, tasks):
    """Delta m of each method on each seed, in percent.

    Args:
        points: What `collect_points` returns.
        baselines: Dict of floats by objective.
        directions: Dict of `"maximize"` or `"minimize"` by objective.
        tasks: Names of the tasks.

    Returns:
        Dict from method to a dict from seed to a float, for seeds that have
        all results.

    Example:

    >>> points = {"sum": {"a_acc": {0: 0.75}}}
    >>> up = {"a_acc": "maximize"}
    >>> delta_m_points(points, {"a_acc": 0.5}, up, ["a"])["sum"]
    {0: 50.0}
    """
    found = {}
    for method, measured in points.items():
        by_seed = [measured.get(name, {}) for name in baselines]
        seeds = [s for s in by_seed[0] if all(s in each for each in by_seed)]
        found[method] = {
            seed: delta_m(
                {name: measured[name][seed] for name in baselines},
                baselines,
                directions,
                tasks,
            )
            for seed in seeds
        }
    return found


def with_delta_m(points, objectives, tasks):
    """Adds delta m to the points of each method that has one.

    Args:
        points: What `collect_points` returns.
        objectives: As there.
        tasks: Names of the tasks.

    Returns:
        The points, and the reason why there is no delta m, or `None`.

    Example:

    >>> points = {"alone": {"a_acc": {0: 0.5}}, "sum": {"a_acc": {0: 0.75}}}
    >>> found, _ = with_delta_m(points, {"a_acc": "maximize"}, ["a"])
    >>> found["sum"]["delta_m"]
    {0: 50.0}
    """
    baselines, reason = baselines_of(points, objectives, tasks)
    if reason is not None:
        return points, reason
    found = delta_m_points(points, baselines, objectives, tasks)
    for method, measured in points.items():
        if found[method]:
            measured[DELTA_M] = found[method]
    return points, None
