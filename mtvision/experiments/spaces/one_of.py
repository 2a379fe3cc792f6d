"""A choice of anything, by name."""

from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.experiments.spaces.part import Part
from mtvision.experiments.spaces.range import as_part


class OneOf(Part):
    """One of several values in a space of `search`.

    Args:
        options: Dict from a name to a value: anything that `build` can take,
            such as a method of `mtvision.balancing`, or `None`; or a part of
            a space or one of Optuna's distributions, which is asked only if
            it is chosen.

    A trial's parameter is the name that was chosen.

    Example:

    >>> methods = OneOf({"sum": None, "PCGrad": mtv.balancing.PCGrad()})
    >>> methods.grid("balancing", 3)
    [{'balancing': 'sum'}, {'balancing': 'PCGrad'}]
    """

    def __init__(self, options):
        if not isinstance(options, dict) or not options:
            raise ValueError(
                "Expected a dict from names to values, such as "
                f'{{"sum": None, "PCGrad": PCGrad()}}, received {options!r}.'
            )
        wrong = [name for name in options if not isinstance(name, str)]
        if wrong:
            raise ValueError(f"Expected texts as names, received {wrong}.")
        self.options = dict(options)

    def suggest(self, trial, name):
        """The value of the name that the trial chooses; see `Part`."""
        key = trial.suggest_categorical(name, list(self.options))
        part = as_part(self.options[key], f"{name}.{key}")
        if part is None:
            return self.options[key]
        return part.suggest(trial, f"{name}.{key}")

    def grid(self, name, points):
        """Each name, with all that its own part tries; see `Part`."""
        found = []
        for key, value in self.options.items():
            part = as_part(value, f"{name}.{key}")
            inner = [{}] if part is None else part.grid(f"{name}.{key}", points)
            found.extend({name: key} | each for each in inner)
        return found

    def get_config(self):
        """Returns the arguments."""
        return {"options": self.options}

    def describe(self):
        """What it is, of JSON's types only."""
        options = {}
        for key, value in self.options.items():
            part = as_part(value, key)
            described = describe_value(value) if part is None else None
            options[key] = described if part is None else part.describe()
        return {"part": "OneOf", "options": options}
