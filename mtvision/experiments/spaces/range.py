"""Optuna's distributions as parts of a space."""

import json

from mtvision.experiments.spaces.distributions import grid_values, suggest
from mtvision.experiments.spaces.part import Part


class Range(Part):
    """One of Optuna's distributions as a part of a space.

    Args:
        distribution: `FloatDistribution`, `IntDistribution` or
            `CategoricalDistribution` of `optuna.distributions`.

    Example:

    >>> from optuna.distributions import FloatDistribution
    >>> rates = Range(FloatDistribution(0.001, 0.1, log=True))
    >>> [round(each["rate"], 4) for each in rates.grid("rate", 3)]
    [0.001, 0.01, 0.1]
    """

    def __init__(self, distribution):
        self.distribution = distribution

    def suggest(self, trial, name):
        """One value; see `Part`."""
        return suggest(trial, name, self.distribution)

    def grid(self, name, points):
        """Values from end to end; see `Part`."""
        return [{name: v} for v in grid_values(self.distribution, points)]

    def describe(self):
        """What it is, of JSON's types only."""
        from optuna.distributions import distribution_to_json

        found = json.loads(distribution_to_json(self.distribution))
        return {"part": found["name"]} | found["attributes"]


def as_part(value, name):
    """A part of a space, of what the user gave.

    Args:
        value: A part, or one of Optuna's distributions.
        name: The keyword, for messages.

    Returns:
        A part, or `None` if it is neither.

    Raises:
        ValueError: If it is a choice of what Optuna cannot store.
    """
    if isinstance(value, Part):
        return value
    from optuna import distributions

    if not isinstance(value, distributions.BaseDistribution):
        return None
    for choice in getattr(value, "choices", ()):
        if not (choice is None or isinstance(choice, str | int | float)):
            raise ValueError(
                f"Expected texts, numbers or None as choices of {name!r}, "
                f"received {choice!r}. Name them: "
                'mtvision.experiments.OneOf({"first": ..., "second": ...}).'
            )
    return Range(value)
