"""Samplers and pruners by name."""

import importlib.util

# Each with what it is called elsewhere.
SAMPLERS = ("random", "grid", "tpe", "gp", "cma_es", "nsga_ii")
PRUNERS = ("median", "hyperband")


def make_sampler(sampler, space, *, objectives, trials, seed, grid_points):
    """Makes what chooses the next trial.

    Args:
        sampler: `"random"`; `"grid"`; `"tpe"`, a tree of Parzen estimators,
            which Hyperopt has; `"gp"`, Bayesian optimization by a Gaussian
            process; `"cma_es"`, an evolution strategy; `"nsga_ii"`, a genetic
            algorithm; or one of Optuna's samplers, taken as it is.
        space: `Space`.
        objectives: How many there are.
        trials: How many there will be, or `None` for the whole grid, or 40.
        seed: Whole number.
        grid_points: How many values a grid takes of a range.

    Returns:
        Optuna's sampler, and the number of trials.

    Raises:
        ValueError: If there is no such sampler, or it cannot do that.
        ImportError: If it needs a package that is not installed.
    """
    if not isinstance(sampler, str):
        return _as_it_is(sampler), trials or 40
    if sampler not in SAMPLERS:
        raise ValueError(
            f"Expected a sampler of {list(SAMPLERS)}, or one of "
            f"optuna.samplers, received {sampler!r}."
        )
    _check_needs(sampler, objectives)
    from mtvision.experiments.searching.point_sampler import PointSampler
    from mtvision.experiments.searching.trial_sampler import TrialSampler

    if sampler == "grid":
        points = space.grid(grid_points)
        return PointSampler(points, seed), min(
            trials or len(points), len(points)
        )
    trials = trials or 40
    return TrialSampler(_maker(sampler, trials), seed), trials


def make_pruner(pruner, *, objectives, epochs):
    """Makes what ends hopeless trials.

    Args:
        pruner: `None`, `"median"`, `"hyperband"`, or one of Optuna's pruners.
        objectives: How many there are.
        epochs: How many there are in a trial.

    Returns:
        Optuna's pruner.

    Raises:
        ValueError: If there is no such pruner, or several objectives.
    """
    import optuna

    if pruner is None:
        return optuna.pruners.NopPruner()
    if objectives > 1:
        raise ValueError(
            f"Pruning compares trials by one objective, received {objectives}. "
            "Leave out the pruner, or give one objective, such as delta_m."
        )
    if isinstance(pruner, optuna.pruners.BasePruner):
        return pruner
    if pruner == "median":
        return optuna.pruners.MedianPruner()
    if pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(max_resource=epochs)
    raise ValueError(
        f"Expected a pruner of {list(PRUNERS)}, None, or one of "
        f"optuna.pruners, received {pruner!r}."
    )


def _as_it_is(sampler):
    import optuna

    if isinstance(sampler, optuna.samplers.BaseSampler):
        return sampler
    raise ValueError(
        f"Expected a sampler of {list(SAMPLERS)}, or one of optuna.samplers, "
        f"received {sampler!r}."
    )


def _check_needs(sampler, objectives):
    needs = {"gp": "torch", "cma_es": "cmaes"}.get(sampler)
    if needs and importlib.util.find_spec(needs) is None:
        raise ImportError(
            f"The sampler {sampler!r} needs the package {needs!r}, whatever "
            f'the backend: `pip install {needs}`; or take sampler="tpe".'
        )
    if sampler == "cma_es" and objectives > 1:
        raise ValueError(
            f"The sampler 'cma_es' has one objective, received {objectives}. "
            'Take "tpe", "gp" or "nsga_ii", or one objective, such as delta_m.'
        )


def _maker(sampler, trials):
    """A function of a seed to a sampler."""
    from optuna import samplers

    # Ten random trials to start with, fewer where there are few in all.
    startup = min(10, max(1, trials // 4))
    # Optuna's populations of 50 would all be random in 40 trials.
    population = min(50, max(4, trials // 5))
    return {
        "random": samplers.RandomSampler,
        "tpe": lambda seed: samplers.TPESampler(
            n_startup_trials=startup, seed=seed
        ),
        "gp": lambda seed: samplers.GPSampler(
            n_startup_trials=startup,
            warn_independent_sampling=False,
            seed=seed,
        ),
        "cma_es": lambda seed: samplers.CmaEsSampler(
            warn_independent_sampling=False, seed=seed
        ),
        "nsga_ii": lambda seed: samplers.NSGAIISampler(
            population_size=population, seed=seed
        ),
    }[sampler]
