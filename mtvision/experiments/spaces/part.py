"""What a space is made of."""

import itertools

from mtvision.experiments.runs.keyword_values import describe_value


class Part:
    """Base of the parts of a space: ways to make the value of one keyword."""

    def suggest(self, trial, name):
        """Makes a value.

        Args:
            trial: Optuna's trial, which is asked for numbers and choices.
            name: The keyword, which the names of the trial's parameters
                begin with.

        Returns:
            What the keyword is to be.
        """
        raise NotImplementedError

    def grid(self, name, points):
        """All that a grid tries.

        Args:
            name: As for `suggest`.
            points: How many values to take of a range without steps.

        Returns:
            List of dicts of the trial's parameters by name.
        """
        raise NotImplementedError

    def get_config(self):
        """Returns the arguments."""
        raise NotImplementedError

    def describe(self):
        """What it is, of JSON's types only."""
        return {"part": type(self).__name__} | describe_value(self.get_config())


def products(lists):
    """Joins one dict of each list, in all combinations.

    Args:
        lists: Lists of dicts, whose keys differ between lists.

    Returns:
        List of dicts.

    Example:

    >>> products([[{"a": 1}, {"a": 2}], [{"b": 3}]])
    [{'a': 1, 'b': 3}, {'a': 2, 'b': 3}]
    """
    return [
        {key: value for each in combination for key, value in each.items()}
        for combination in itertools.product(*lists)
    ]
