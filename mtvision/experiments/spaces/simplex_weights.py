"""Loss weights that sum to 1."""

from mtvision.experiments.spaces.distributions import suggest
from mtvision.experiments.spaces.part import Part, products
from mtvision.experiments.spaces.task_lists import check_tasks


class SimplexWeights(Part):
    """Loss weights in a space of `search`: positive, with the sum 1.

    The scale of all weights acts as the learning rate does; here only their
    ratios are searched, by one parameter less than there are tasks. Uniform
    parameters give weights that are uniform on the simplex.

    Args:
        tasks: List of two names or more.
        low: The smallest weight; times the number of tasks below 1.

    What a trial gets is a dict of floats by task. Its parameters, called for
    instance `loss_weights.digit.quantile`, go from 0 to 1: the share of
    the simplex, among the weights that the tasks before have left, in which
    this task has less.

    Example:

    >>> weights = SimplexWeights(["digit", "mask"], low=0.0)
    >>> weights.grid("w", 2)
    [{'w.digit.quantile': 0.25}, {'w.digit.quantile': 0.75}]
    >>> simplex_point([0.25])
    [0.25, 0.75]
    """

    def __init__(self, tasks, *, low=0.01):
        check_tasks(tasks, 2)
        if not 0 <= low * len(tasks) < 1:
            raise ValueError(
                f"Expected low from 0 to below 1 / {len(tasks)}, the number "
                f"of tasks, received {low!r}."
            )
        self.tasks = list(tasks)
        self.low = low

    def suggest(self, trial, name):
        """Weights by task; see `Part`."""
        from optuna.distributions import FloatDistribution

        unit = FloatDistribution(0.0, 1.0)
        quantiles = [suggest(trial, each, unit) for each in self._names(name)]
        room = 1 - self.low * len(self.tasks)
        return {
            task: self.low + room * share
            for task, share in zip(self.tasks, simplex_point(quantiles))
        }

    def grid(self, name, points):
        """Middles of parts of the simplex that are equally large."""
        middles = [(i + 0.5) / points for i in range(points)]
        return products(
            [{each: middle} for middle in middles] for each in self._names(name)
        )

    def get_config(self):
        """Returns the arguments."""
        return {"tasks": self.tasks, "low": self.low}

    def _names(self, name):
        return [f"{name}.{task}.quantile" for task in self.tasks[:-1]]


def simplex_point(quantiles):
    """A point of the simplex, uniform if the quantiles are.

    Each takes its part of what is left, of the distribution of the smallest
    part when the rest is broken at random.

    Args:
        quantiles: List of K - 1 numbers from 0 to 1.

    Returns:
        List of K floats from 0 to 1 that sum to 1.

    Reference:
        Connor and Mosimann, Concepts of Independence for Proportions with a
        Generalization of the Dirichlet Distribution, 1969.

    Example:

    >>> simplex_point([0.0, 0.5])
    [0.0, 0.5, 0.5]
    """
    left, point = 1.0, []
    for place, quantile in enumerate(quantiles):
        others = len(quantiles) - place
        part = left * (1 - (1 - quantile) ** (1 / others))
        point.append(part)
        left -= part
    return [*point, left]
