"""What a search has found."""

import dataclasses
import pathlib

from mtvision.experiments.searching.choice import pareto_front
from mtvision.experiments.searching.final_test import PICTURE
from mtvision.experiments.searching.remarks import remarks
from mtvision.training import format_table
from mtvision.training.whole_file import whole_file


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchResult:
    """A search, as far as it is.

    `print` shows a table of the best trials, `report` writes a page.

    Attributes:
        name: Of the study.
        folder: Where its files are.
        objectives: Dict of `"maximize"` or `"minimize"` by name.
        space: Description of what is tried, by keyword.
        settings: Dict of what else was asked.
        trials: List of dicts of `number`, `state` (`"complete"`, `"pruned"`,
            `"failed"`, `"running"` or `"waiting"`), `values` (by objective,
            empty if not complete), `parameters`, `keywords` (what the
            functions got), `record`, `error` and `traceback`, the last three
            `None` if there is none.
        chosen: Dict of the `number` and `record` of the chosen trial, or
            `None` if no trial is complete. Its record has `"test"` once the
            test split has been measured.
        log: Names of the parameters on a logarithmic scale.
        command: The line that repeats it.
        study: Optuna's study, or `None`.

    Example:

    >>> trials = [
    ...     {"number": k, "state": "complete", "values": {"loss": loss},
    ...      "parameters": {"rate": rate}, "record": None}
    ...     for k, (rate, loss) in enumerate([(0.1, 2.0), (0.01, 0.5)])
    ... ]
    >>> result = SearchResult(
    ...     name="rates", folder="runs", objectives={"loss": "minimize"},
    ...     space={}, settings={}, trials=trials, chosen=None,
    ... )
    >>> result.front
    [1]
    """

    name: str
    folder: pathlib.Path
    objectives: dict
    space: dict
    settings: dict
    trials: list
    chosen: dict | None
    log: list = dataclasses.field(default_factory=list)
    command: str | None = None
    study: object = dataclasses.field(default=None, repr=False)

    @property
    def front(self):
        """Numbers of the complete trials that none is better than."""
        complete = [t for t in self.trials if t["state"] == "complete"]
        rows = [[t["values"][n] for n in self.objectives] for t in complete]
        places = pareto_front(rows, list(self.objectives.values()))
        return [complete[place]["number"] for place in places]

    @property
    def remarks(self):
        """Sentences that a reader should be told."""
        return remarks(self.trials, self.chosen, self.objectives)

    def __str__(self):
        """A table: the Pareto front, or the best trials; the chosen one."""
        lines = [f"{self.name}: {self._counts()}"]
        rows = self._rows()
        if rows:
            lines += ["", format_table(rows)]
        if self.chosen and self.chosen["record"].get("test"):
            lines += ["", format_table(self._measured())]
        return "\n".join([*lines, *(f"\n{each}" for each in self.remarks)])

    def report(self, path):
        """Writes the report, one HTML file that needs no other.

        Args:
            path: Of the file.
        """
        from mtvision.experiments.report.images import own_picture
        from mtvision.experiments.report.importances import importances
        from mtvision.experiments.report.search_report import search_page

        study, picture = self.study, own_picture(self.folder, PICTURE)
        tested = self.chosen and self.chosen["record"].get("test")
        shown = {"Predictions of the chosen trial": picture}
        page = search_page(
            self.name,
            objectives=self.objectives,
            space=self.space,
            trials=[t | {"parameters": _shown(t)} for t in self.trials],
            settings=self.settings,
            front=self.front,
            chosen=self.chosen,
            importances=study and importances(study, self.objectives),
            log=self.log,
            warnings=self.remarks,
            shown=shown if tested and picture else None,
            command=self.command,
        )
        with whole_file(path) as file:
            file.write(page.encode())

    def _counts(self):
        states = [trial["state"] for trial in self.trials]
        counts = [
            f"{states.count(state)} {state}" for state in dict.fromkeys(states)
        ]
        return ", ".join(counts) or "no trial yet"

    def _rows(self):
        front = self.front
        shown = [t for t in self.trials if t["state"] == "complete"]
        if len(self.objectives) == 1:
            (name, direction), sign = *self.objectives.items(), 1
            sign = -1 if direction == "maximize" else 1
            shown.sort(key=lambda trial: sign * trial["values"][name])
        else:
            shown = [t for t in shown if t["number"] in front]
        return [self._row(trial) for trial in shown[:10]]

    def _row(self, trial):
        chosen = self.chosen and self.chosen["number"] == trial["number"]
        names = dict.fromkeys(n for t in self.trials for n in _shown(t))
        found = _shown(trial)
        parameters = {n: found.get(n, "") for n in names}
        number = f"{trial['number']}{' (chosen)' if chosen else ''}"
        return {"trial": number, **trial["values"], **_short(parameters)}

    def _measured(self):
        record = self.chosen["record"]
        return [
            {
                "chosen trial": name,
                "validation": value,
                "test": record["test"].get(name, "not measured"),
            }
            for name, value in record["validation"].items()
        ]


def _shown(trial):
    """Parameters, with weights in place of the quantiles they are made of."""
    found = {}
    for name, value in trial["parameters"].items():
        keyword, last = name.split(".")[0], name.split(".")[-1]
        weights = trial["keywords"].get(keyword)
        if last == "quantile" and isinstance(weights, dict):
            found |= {f"{keyword}.{task}": w for task, w in weights.items()}
        else:
            found[name] = value
    return found


def _short(parameters):
    return {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in parameters.items()
    }
