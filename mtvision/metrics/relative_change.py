"""How much better several tasks are together than alone."""

import math


def relative_change(results, baselines, *, lower_is_better=()):
    """Mean relative change of all tasks against other models, in percent.

    For each metric of each task the change against the baseline, as a share
    of the baseline, and with the sign changed where lower is better; the mean
    over the metrics of a task, then over the tasks. Positive is better. Known
    as delta m; the baselines are models that learn one task each.

    Args:
        results: Dict from task to a dict from metric to number.
        baselines: The same of the models to compare with.
        lower_is_better: The metrics that are errors: names, which hold for
            every task, or pairs of a task and a name.

    Returns:
        Float, percent.

    Raises:
        ValueError: If a task or metric is missing in one of the two, a number
            is not finite, a baseline is 0, or `lower_is_better` names no
            metric.

    Example:

    >>> alone = {"mask": {"iou": 0.5}, "depth": {"absolute": 0.4, "rmse": 1}}
    >>> both = {"mask": {"iou": 0.6}, "depth": {"absolute": 0.5, "rmse": 1}}
    >>> errors = ("absolute", "rmse")
    >>> round(relative_change(both, alone, lower_is_better=errors), 3)
    3.75

    Reference:
        Maninis et al., Attentive Single-Tasking of Multiple Tasks, 2019.
    """
    _check_names(results, baselines, lower_is_better)
    means = []
    for task, metrics in baselines.items():
        changes = []
        for name, baseline in metrics.items():
            place = f"{name!r} of the task {task!r}"
            change = _change(results[task][name], baseline, place)
            is_error = {name, (task, name)} & set(lower_is_better)
            changes.append(-change if is_error else change)
        means.append(sum(changes) / len(changes))
    return 100 * sum(means) / len(means)


def _change(result, baseline, place):
    result, baseline = float(result), float(baseline)
    if not (math.isfinite(result) and math.isfinite(baseline)):
        raise ValueError(
            f"Expected finite numbers, received {result} against {baseline} "
            f"for {place}. Leave the metric out of both."
        )
    if baseline == 0:
        raise ValueError(
            f"The baseline of {place} is 0, of which nothing is a share. "
            "Leave the metric out of both."
        )
    return (result - baseline) / abs(baseline)


def _check_names(results, baselines, lower_is_better):
    if isinstance(lower_is_better, str):
        raise ValueError(
            "Expected lower_is_better as a list of names, received "
            f"{lower_is_better!r}. Put it in a list."
        )
    _check_same(results, baselines, "tasks")
    for task in baselines:
        pair = results[task], baselines[task]
        _check_same(*pair, f"metrics of the task {task!r}")
    pairs = {(task, name) for task in baselines for name in baselines[task]}
    known = pairs | {name for _, name in pairs}
    unknown = [each for each in lower_is_better if each not in known]
    if unknown:
        metrics = {task: list(names) for task, names in baselines.items()}
        raise ValueError(
            f"lower_is_better names {unknown}, but the metrics of the tasks "
            f"are {metrics}."
        )


def _check_same(results, baselines, what):
    for each in (results, baselines):
        if not isinstance(each, dict):
            raise ValueError(
                "Expected a dict from task to a dict from metric to number, "
                f"received {each!r} in place of the {what}."
            )
    if set(results) != set(baselines) or not baselines:
        raise ValueError(
            f"Expected the same {what} in both, at least one, received "
            f"{sorted(results)} in results and {sorted(baselines)} in "
            "baselines. Give both the same."
        )
