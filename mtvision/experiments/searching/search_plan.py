"""What a search was asked for."""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

from mtvision.experiments.runs.command import this_command
from mtvision.experiments.runs.keywords import check_keywords
from mtvision.experiments.runs.objectives import Objectives
from mtvision.experiments.runs.training_run import callbacks_of, train_once
from mtvision.experiments.searching.database_url import default_url, hidden
from mtvision.experiments.spaces.space import Space
from mtvision.ops.option_checks import require_count


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchPlan:
    """The arguments of `search`, checked.

    Attributes are its arguments; `folder` is that of this search, `objectives`
    and `space` are objects.
    """

    build: Callable
    train: Any
    valid: Any
    test: Any
    space: Space
    objectives: Objectives
    epochs: int
    name: str
    folder: pathlib.Path
    url: str
    seed: int
    callbacks: Any
    picture: Callable | None
    verbose: int

    def __post_init__(self):
        require_count(self.seed, 0, "seed")
        if self.valid is None:
            raise ValueError(
                "Expected a validation split, by which trials are compared, "
                "received None as `valid`."
            )
        check_keywords(
            self.space.names,
            {
                "build": self.build,
                "train": self.train,
                "valid": self.valid,
                "test": self.test,
            },
        )

    def callbacks_of(self, name):
        """Keras callbacks of a run.

        Args:
            name: Of the run.

        Returns:
            List.
        """
        return callbacks_of(self.callbacks, name)

    def train_once(self, name, values, *, logs, callbacks=(), conflicts=True):
        """Trains one model.

        Args:
            name: Of the run.
            values: Dict of keywords.
            logs: Name of the folder of its logs.
            callbacks: List of Keras callbacks beside those that were given.
            conflicts: As for `training_run.train_once`.

        Returns:
            The model, and its record.
        """
        return train_once(
            self.build,
            self.train,
            self.valid,
            values=values,
            seed=self.seed,
            epochs=self.epochs,
            name=name,
            callbacks=[*self.callbacks_of(name), *callbacks],
            logs=self.folder / "logs" / logs,
            conflicts=conflicts,
            verbose=max(0, self.verbose - 1),
        )

    def description(self):
        """What all workers of a study have to agree on, of JSON's types."""
        return {
            "space": self.space.describe(),
            **self.objectives.describe(),
            "epochs": self.epochs,
            "seed": self.seed,
        }

    def file(self):
        """What `search.json` holds, to find the study again."""
        return {
            "name": self.name,
            # None moves with the folder.
            "storage": None
            if self.url == default_url(self.folder)
            else hidden(self.url),
            "objectives": self.objectives.directions,
            "command": this_command(),
        }


def differences(old, new, place=""):
    """In what two descriptions differ, as lines of text.

    Args:
        old: Of JSON's types.
        new: Of JSON's types.
        place: Where they stand, for the lines.

    Returns:
        List of strings.

    Example:

    >>> differences({"epochs": 1, "seed": 0}, {"epochs": 2, "seed": 0})
    ['epochs: 1 before, 2 now']
    """
    if old == new:
        return []
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [f"{place}: {old!r} before, {new!r} now"]
    lines = []
    for key in [*old, *(key for key in new if key not in old)]:
        inner = f"{place}.{key}" if place else key
        if key in old and key in new:
            lines += differences(old[key], new[key], inner)
        else:
            lines.append(f"{inner}: only {'before' if key in old else 'now'}")
    return lines
