"""One loss weight for each task, on a logarithmic scale."""

from mtvision.experiments.spaces.distributions import grid_values, suggest
from mtvision.experiments.spaces.part import Part, products
from mtvision.experiments.spaces.task_lists import check_tasks


class LossWeights(Part):
    """Loss weights in a space of `search`: any of each task's own range.

    Args:
        tasks: List of names.
        low: The smallest weight, above 0.
        high: The largest one.

    What a trial gets is a dict of floats by task, as `compile` takes it; its
    parameters are called `loss_weights.digit`, if that is the keyword and a
    task.

    Example:

    >>> LossWeights(["digit", "mask"], low=0.1, high=10).grid("w", 2)[0]
    {'w.digit': 0.1, 'w.mask': 0.1}
    """

    def __init__(self, tasks, *, low=0.05, high=20.0):
        check_tasks(tasks, 1)
        if not 0 < low < high:
            raise ValueError(
                "Expected loss weights with 0 < low < high, for they are on a "
                f"logarithmic scale; received low={low!r} and high={high!r}."
            )
        self.tasks = list(tasks)
        self.low = low
        self.high = high

    def suggest(self, trial, name):
        """Weights by task; see `Part`."""
        return {
            task: suggest(trial, f"{name}.{task}", self._distribution())
            for task in self.tasks
        }

    def grid(self, name, points):
        """All combinations of `points` weights of each task; see `Part`."""
        values = grid_values(self._distribution(), points)
        return products(
            [{f"{name}.{task}": value} for value in values]
            for task in self.tasks
        )

    def get_config(self):
        """Returns the arguments."""
        return {"tasks": self.tasks, "low": self.low, "high": self.high}

    def _distribution(self):
        from optuna.distributions import FloatDistribution

        return FloatDistribution(self.low, self.high, log=True)
