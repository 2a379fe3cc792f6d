"""Goes through a list of points."""

import optuna


class PointSampler(optuna.samplers.BaseSampler):
    """Gives each trial one of a list of points, in random order.

    Optuna's sampler of a grid, for points whose parameters differ, as where
    an option is there for one method only.

    Args:
        points: List of dicts of parameters by name.
        seed: Whole number, the same in all workers.

    Example:

    >>> sampler = PointSampler([{"x": 1}, {"x": 2}], seed=0)
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study(sampler=sampler)
    >>> study.optimize(lambda trial: trial.suggest_int("x", 0, 9), n_trials=2)
    >>> sorted(trial.value for trial in study.trials)
    [1.0, 2.0]
    """

    def __init__(self, points, seed):
        self.points = list(points)
        numbers = range(len(self.points))
        self._number = optuna.distributions.CategoricalDistribution(numbers)
        self._grid = optuna.samplers.GridSampler({"point": numbers}, seed)

    def count_left(self, study):
        """How many points no trial has begun yet.

        Args:
            study: Optuna's study.

        Returns:
            Whole number.
        """
        trials = study.get_trials(deepcopy=False)
        begun = {trial.system_attrs.get("grid_id") for trial in trials}
        return len(self.points) - len(begun - {None})

    def before_trial(self, study, trial):
        """Chooses the point."""
        self._grid.before_trial(study, trial)

    def infer_relative_search_space(self, study, trial):
        """Nothing is sampled together."""
        return {}

    def sample_relative(self, study, trial, search_space):
        """Nothing is sampled together."""
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Gives a parameter of the point."""
        number = self._grid.sample_independent(
            study, trial, "point", self._number
        )
        return self.points[number][param_name]

    def after_trial(self, study, trial, state, values):
        """Does nothing: the worker counts what is left."""
