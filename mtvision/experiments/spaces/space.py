"""What a search may try."""

from mtvision.experiments.spaces.part import products
from mtvision.experiments.spaces.range import as_part


class Space:
    """Parts by keyword.

    Args:
        parts: Dict from keyword to a part of a space (`LossWeights`,
            `SimplexWeights`, `OneOf`, `Method`) or one of Optuna's
            distributions.

    Raises:
        ValueError: If there is nothing, or something else.

    Example:

    >>> from optuna.distributions import CategoricalDistribution
    >>> space = Space({"augment": CategoricalDistribution(["none", "strong"])})
    >>> space.grid(3)
    [{'augment': 'none'}, {'augment': 'strong'}]
    """

    def __init__(self, parts):
        if not isinstance(parts, dict) or not parts:
            raise ValueError(
                "Expected a space as a dict from keywords to what they may "
                f"be, received {parts!r}."
            )
        self.parts = {name: as_part(part, name) for name, part in parts.items()}
        for name, part in self.parts.items():
            if not isinstance(name, str) or not name.isidentifier():
                raise ValueError(
                    f"Expected a keyword of a function, received {name!r}."
                )
            if part is None:
                raise ValueError(
                    f"Expected for {name!r} one of Optuna's distributions, "
                    "LossWeights, SimplexWeights, OneOf or Method, received "
                    f"{parts[name]!r}. What is fixed is a default of `build`."
                )

    @property
    def names(self):
        """The keywords."""
        return list(self.parts)

    def suggest(self, trial):
        """Values by keyword, as a trial chooses them.

        Args:
            trial: Optuna's trial, or `FixedTrial`.

        Returns:
            Dict of values.
        """
        return {n: part.suggest(trial, n) for n, part in self.parts.items()}

    def grid(self, points):
        """All that a grid tries.

        Args:
            points: How many values to take of a range without steps.

        Returns:
            List of dicts of the trial's parameters by name.
        """
        return products(p.grid(name, points) for name, p in self.parts.items())

    def describe(self):
        """What may be tried, of JSON's types only, by keyword."""
        return {name: part.describe() for name, part in self.parts.items()}
