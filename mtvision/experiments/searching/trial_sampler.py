"""Optuna's samplers, such that each trial has random numbers of its own."""

import random

import optuna


class TrialSampler(optuna.samplers.BaseSampler):
    """Makes a sampler anew for each trial, of the seed and the trial's number.

    Workers with samplers of one seed would all try the same, and one that
    resumes would begin from the first numbers again. So what trial 7 tries
    depends on the seed, on 7, and on the trials before alone.

    Args:
        make: Function of a seed to one of Optuna's samplers.
        seed: Whole number.

    Example:

    >>> sampler = TrialSampler(lambda n: optuna.samplers.RandomSampler(n), 0)
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> def first_number():
    ...     trial = optuna.create_study(sampler=sampler).ask()
    ...     return trial.suggest_float("x", 0, 1)
    >>> first_number() == first_number()
    True
    """

    def __init__(self, make, seed):
        self.make = make
        self.seed = seed
        self._sampler = make(seed)

    def before_trial(self, study, trial):
        """Begins a trial."""
        numbers = random.Random(f"{self.seed} {trial.number}")
        self._sampler = self.make(numbers.randrange(2**31))
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(self, study, trial):
        """What is sampled together."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        """Samples it."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Samples one of the others."""
        return self._sampler.sample_independent(
            study, trial, param_name, param_distribution
        )

    def after_trial(self, study, trial, state, values):
        """Ends a trial."""
        self._sampler.after_trial(study, trial, state, values)

    def reseed_rng(self):
        """Each trial has its own numbers already."""
