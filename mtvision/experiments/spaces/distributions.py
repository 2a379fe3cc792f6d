"""Optuna's distributions, asked for values and for the points of a grid."""

import math


def suggest(trial, name, distribution):
    """Asks a trial for a value of a distribution.

    Args:
        trial: Optuna's trial, or `FixedTrial`.
        name: Name of the parameter.
        distribution: One of Optuna's.

    Returns:
        The value.

    Example:

    >>> import optuna
    >>> trial = optuna.trial.FixedTrial({"rate": 0.5})
    >>> suggest(trial, "rate", optuna.distributions.FloatDistribution(0, 1))
    0.5
    """
    from optuna import distributions

    if isinstance(distribution, distributions.CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    ask = trial.suggest_float
    if isinstance(distribution, distributions.IntDistribution):
        ask = trial.suggest_int
    return ask(
        name,
        distribution.low,
        distribution.high,
        step=distribution.step,
        log=distribution.log,
    )


def grid_values(distribution, points):
    """The values of a distribution that a grid tries.

    Args:
        distribution: One of Optuna's.
        points: How many to take where there are no steps, and of whole
            numbers on a logarithmic scale.

    Returns:
        List of values: all of them where there are steps or choices, else
        from the lowest to the highest, evenly on the scale.

    Example:

    >>> from optuna.distributions import FloatDistribution
    >>> grid_values(FloatDistribution(0, 1), 3)
    [0.0, 0.5, 1.0]
    """
    from optuna import distributions

    if isinstance(distribution, distributions.CategoricalDistribution):
        return list(distribution.choices)
    low, high = distribution.low, distribution.high
    whole = isinstance(distribution, distributions.IntDistribution)
    if distribution.step is not None and not distribution.log:
        steps = round((high - low) / distribution.step)
        return [low + i * distribution.step for i in range(steps + 1)]
    values = _evenly(low, high, points, distribution.log)
    return sorted({round(v) for v in values}) if whole else values


def _evenly(low, high, points, log):
    if points == 1 or low == high:
        return [math.sqrt(low * high) if log else (low + high) / 2]
    if log:
        ratio = high / low
        inner = [low * ratio ** (i / (points - 1)) for i in range(points)]
    else:
        inner = [low + (high - low) * i / (points - 1) for i in range(points)]
    # The ends as given: rounding must not lead beyond them.
    return [float(low), *inner[1:-1], float(high)]
