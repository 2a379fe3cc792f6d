"""What is made as large, or as small, as it can be."""

import math
import numbers

from mtvision.data.hints import hint
from mtvision.metrics import relative_change

DIRECTIONS = ("maximize", "minimize")
DELTA_M = "delta_m"


class UnknownMetric(ValueError):
    """An objective that is not among what a model measures."""


class Objectives:
    """Names in a model's logs, and which way is better.

    Args:
        objectives: Dict of `"maximize"` or `"minimize"` by name: a log of the
            validation split without `val_`, such as `"digit_accuracy"`, or
            `"delta_m"`, the mean relative change in percent against
            `baselines`.
        baselines: Dict of what models of single tasks reach, by name: a
            number if the name is in `objectives`, otherwise a pair of a
            direction and a number. `None` where `"delta_m"` is not needed.

    Raises:
        ValueError: If a direction is missing or none, or `"delta_m"` has no
            baselines.

    Example:

    >>> objectives = Objectives({"a_accuracy": "maximize"})
    >>> objectives.values({"a_accuracy": 0.5, "a_loss": 1.0}, ["a"])
    {'a_accuracy': 0.5}
    """

    def __init__(self, objectives, baselines=None):
        if not isinstance(objectives, dict) or not objectives:
            raise ValueError(
                'Expected objectives as a dict such as {"digit_accuracy": '
                f'"maximize"}}, received {objectives!r}.'
            )
        for name, direction in objectives.items():
            _check_direction(name, direction)
        self.directions = dict(objectives)
        self.baselines, self._metric_directions = _baselines(
            objectives, baselines or {}
        )
        if DELTA_M in objectives:
            if objectives[DELTA_M] != "maximize":
                raise ValueError('"delta_m" is better the larger: maximize it.')
            if not self.baselines:
                raise ValueError(
                    'The objective "delta_m" needs baselines, what models of '
                    'single tasks reach: baselines={"digit_accuracy": '
                    '("maximize", 0.9), ...}.'
                )

    @property
    def names(self):
        """Names of the objectives, in the order given."""
        return list(self.directions)

    def describe(self):
        """Both arguments, of JSON's types only."""
        pairs = {
            name: [self._metric_directions[name], number]
            for name, number in self.baselines.items()
        }
        return {"objectives": self.directions, "baselines": pairs}

    def check(self, metrics):
        """Raises if something that is needed is not measured.

        Args:
            metrics: Dict, or names, without `val_`.

        Raises:
            UnknownMetric: Listing what there is.
        """
        needed = [*self.directions, *self.baselines]
        lacking = [n for n in needed if n not in metrics and n != DELTA_M]
        if lacking:
            raise UnknownMetric(
                f"The model does not measure {sorted(set(lacking))} on the "
                f"validation split; it measures {sorted(metrics)}."
                f"{hint(lacking[0].removeprefix('val_'), metrics)}"
            )

    def values(self, metrics, tasks):
        """The objectives' values.

        Args:
            metrics: Dict of numbers by name, without `val_`.
            tasks: Names of the model's tasks.

        Returns:
            Dict of floats by name. Where a metric of a baseline is not
            finite, neither is `"delta_m"`.

        Raises:
            UnknownMetric: If one is not there.
        """
        self.check(metrics)
        return {
            name: self.delta_m(metrics, tasks)
            if name == DELTA_M
            else float(metrics[name])
            for name in self.directions
        }

    def with_delta_m(self, metrics, tasks):
        """Metrics, and delta m where there are baselines.

        Args:
            metrics: As for `values`.
            tasks: Names of the model's tasks.

        Returns:
            Dict of floats by name.
        """
        if not self.baselines:
            return metrics
        return {**metrics, DELTA_M: self.delta_m(metrics, tasks)}

    def delta_m(self, metrics, tasks):
        """Mean relative change against the baselines, in percent.

        Args:
            metrics: As for `values`.
            tasks: Names of the model's tasks.

        Returns:
            Float; NaN where a number is not finite.
        """
        return delta_m(metrics, self.baselines, self._metric_directions, tasks)


def delta_m(metrics, baselines, directions, tasks):
    """Mean relative change of all tasks against other models, in percent.

    Args:
        metrics: Dict of numbers by name, as in a model's logs.
        baselines: The same of models of single tasks. Its names are those
            that count.
        directions: Dict of `"maximize"` or `"minimize"` by name.
        tasks: Names of the tasks.

    Returns:
        Float, above 0 if better; NaN if a number is not finite.

    Raises:
        ValueError: If a name is of no task, or a baseline is 0.

    Example:

    >>> up = dict.fromkeys(("a_acc", "b_acc"), "maximize")
    >>> alone = {"a_acc": 0.5, "b_acc": 0.5}
    >>> delta_m({"a_acc": 0.75, "b_acc": 0.5}, alone, up, ["a", "b"])
    25.0
    """
    if not all(
        math.isfinite(each[name])
        for name in baselines
        for each in (metrics, baselines)
    ):
        return math.nan
    results, alone, errors = {}, {}, []
    for name, baseline in baselines.items():
        task, metric = split_metric(name, tasks)
        results.setdefault(task, {})[metric] = metrics[name]
        alone.setdefault(task, {})[metric] = baseline
        if directions[name] == "minimize":
            errors.append((task, metric))
    return relative_change(results, alone, lower_is_better=errors)


def split_metric(name, tasks):
    """Of which task a metric is.

    Args:
        name: Name in a model's logs, without `val_`.
        tasks: Names of the model's tasks.

    Returns:
        The task, the longest that the name begins with, and the rest.

    Raises:
        ValueError: If the metric is of no task.

    Example:

    >>> split_metric("digit_size_mae", ["digit", "digit_size"])
    ('digit_size', 'mae')
    """
    found = [task for task in tasks if name.startswith(f"{task}_")]
    if not found:
        raise ValueError(
            f"Expected a metric of one of the tasks {sorted(tasks)}, named as "
            f"in the logs (task_metric), received {name!r}."
        )
    task = max(found, key=len)
    return task, name[len(task) + 1 :]


def _check_direction(name, direction):
    if direction not in DIRECTIONS:
        raise ValueError(
            f'Expected "maximize" or "minimize" for the objective {name!r}, '
            f"received {direction!r}."
        )


def _baselines(objectives, baselines):
    """Numbers and directions of the baselines, by name."""
    if not isinstance(baselines, dict):
        raise ValueError(
            "Expected baselines as a dict of numbers by metric, received "
            f"{baselines!r}."
        )
    found, directions = {}, {}
    for name, value in baselines.items():
        direction = objectives.get(name)
        if isinstance(value, tuple | list) and len(value) == 2:
            direction, value = value
        if direction is None:
            raise ValueError(
                f"Nothing says whether more or less of {name!r} is better. "
                f'Give its baseline as ("maximize", {value!r}), or as '
                f'("minimize", {value!r}).'
            )
        _check_direction(name, direction)
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value == 0:
            raise ValueError(
                f"Expected the baseline of {name!r} as a finite number that "
                f"is not 0, received {value!r}."
            )
        found[name], directions[name] = float(value), direction
    return found, directions
