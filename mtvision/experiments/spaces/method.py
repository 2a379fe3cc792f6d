"""An object whose options are searched."""

from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.experiments.runs.keywords import check_keywords
from mtvision.experiments.spaces.part import Part, products
from mtvision.experiments.spaces.range import as_part


class Method(Part):
    """In a space of `search`, an object made of options that are searched.

    Args:
        make: A class, such as a method of `mtvision.balancing`, or a
            function.
        **options: Its keywords: parts of a space, Optuna's distributions,
            or values.

    Raises:
        ValueError: If `make` does not take an option, or needs another one.

    A trial's parameters have names such as `balancing.c`.

    Example:

    >>> from optuna.distributions import FloatDistribution
    >>> part = Method(mtv.balancing.CAGrad, c=FloatDistribution(0.1, 0.9))
    >>> part.grid("balancing", 2)
    [{'balancing.c': 0.1}, {'balancing.c': 0.9}]
    """

    def __init__(self, make, /, **options):
        if not callable(make):
            raise ValueError(
                "Expected a class or function and its options, such as "
                f"Method(CAGrad, c=...), received {make!r}."
            )
        name = getattr(make, "__name__", repr(make))
        check_keywords(options, {name: make}, given=())
        self.make = make
        self.options = options

    def suggest(self, trial, name):
        """An object with the options that the trial chooses; see `Part`."""
        parts = self._parts(name)
        chosen = {
            key: part.suggest(trial, f"{name}.{key}")
            for key, part in parts.items()
        }
        return self.make(**self.options | chosen)

    def grid(self, name, points):
        """All combinations of the options; see `Part`."""
        return products(
            part.grid(f"{name}.{key}", points)
            for key, part in self._parts(name).items()
        )

    def get_config(self):
        """Returns the arguments."""
        return {"make": self.make, **self.options}

    def describe(self):
        """What it is, of JSON's types only."""
        parts = self._parts("")
        options = describe_value(self.options)
        described = {key: part.describe() for key, part in parts.items()}
        make = describe_value(self.make)
        return {"part": "Method", "make": make, "options": options | described}

    def _parts(self, name):
        found = {
            key: as_part(value, f"{name}.{key}")
            for key, value in self.options.items()
        }
        return {key: part for key, part in found.items() if part is not None}
