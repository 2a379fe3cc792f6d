"""What a comparison of methods has found."""

import itertools
import math
import pathlib
import statistics

from mtvision.experiments.comparing.comparison_plan import (
    ALONE,
    FILE,
    SUM,
    run_path,
)
from mtvision.experiments.comparing.comparison_points import (
    collect_points,
    with_delta_m,
)
from mtvision.experiments.comparing.stored import check_settings, read_run
from mtvision.experiments.runs.objectives import DELTA_M
from mtvision.experiments.runs.records import read_record
from mtvision.experiments.runs.statistics import (
    holm,
    mean_and_interval,
    mean_ranks,
    paired_t_test,
)
from mtvision.training import format_table
from mtvision.training.whole_file import whole_file


class Comparison:
    """The runs of a comparison, and what follows from them.

    `print` shows a table: means over the seeds, and half the width of their
    95 % confidence intervals by Student's t; delta m, the mean relative change
    against the means of the single-task runs, in percent, with the interval of
    the difference to these seed by seed, which scatter, too, and the p-value of
    its paired t-test against the plain sum, corrected for the number of
    methods by Holm; the mean rank over the objectives; milliseconds a step.
    The row `alone` is all single-task models together.

    Args:
        folder: Of the comparison, as `runs/methods`. It may go on meanwhile.

    Attributes:
        folder: Path.
        settings: Dict of `name`, `objectives`, `epochs`, `seeds`, `split`,
            `methods`, `alone`, `shown`, `backend`, `command`.
        records: List of the records of runs that ended well.
        failures: List of the records of those that raised, with `error` and
            `traceback`.
        points: Dict from method to measure to seed to number.

    Raises:
        ValueError: If there is no comparison.

    Example:

    >>> Comparison("nowhere")
    Traceback (most recent call last):
    ...
    ValueError: Expected the folder of a comparison, but ...

    Reference:
        Navon et al., Multi-Task Learning as a Bargaining Game, 2022, has mean
        rank and delta m.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.settings = read_record(self.folder / FILE)
        if self.settings is None:
            raise ValueError(
                f"Expected the folder of a comparison, but {self.folder} has "
                f"no {FILE}. `compare` makes it in `folder`/`name`."
            )
        check_settings(self.settings, self.folder / FILE)
        found = list(self._read())
        self.failures = [each for each in found if "error" in each]
        self.records = [each for each in found if "error" not in each]
        self._measure()

    def _read(self):
        names = list(self.settings["shown"])
        names += [f"{ALONE}-{group}" for group in self.settings["alone"]]
        for name, seed in itertools.product(names, self.settings["seeds"]):
            path = run_path(self.folder, name, seed)
            record = read_run(path, self.settings["split"])
            if record is not None:
                yield record

    def _measure(self):
        objectives = self.settings["objectives"]
        points = collect_points(
            self.records, objectives, self.settings["split"]
        )
        whole = [r for r in self.records if r["alone"] is None]
        tasks = whole[0]["tasks"] if whole else []
        self.points, self._without = with_delta_m(points, objectives, tasks)

    @property
    def methods(self):
        """Names of the methods that have a result, the plain sum first."""
        return [n for n in self.settings["shown"] if self.points.get(n)]

    def rows(self):
        """One row for each method, `alone` first if there is any.

        Returns:
            List of dicts of

            - `method`, and `runs`, the number of seeds that have a result;
            - `metrics`: dict from objective to an estimate, a dict of `mean`,
              `half` (half the width of its interval, `None` for one seed),
              `values`, a list of a number a seed, and `half_of_change`, half
              the width of the interval of the difference to `alone`;
            - `delta_m`: an estimate, or `None`, as for `alone`; its interval
              is that of the difference to `alone`, seed by seed;
            - `mean_rank` over the objectives, 1 is best; `None` for `alone`,
              and for a method that lacks one;
            - `step_seconds`: mean of the runs' medians, `None` if not known,
              and `parameters`; sums over the tasks for `alone`.
        """
        ranks = self._ranks()
        names = [ALONE] * bool(self.points[ALONE]) + self.methods
        return [
            self._row(name) | {"mean_rank": ranks.get(name)} for name in names
        ]

    def _row(self, name):
        found = {
            measure: _estimate(list(by_seed.values()))
            for measure, by_seed in self.points[name].items()
            if by_seed
        }
        for measure, estimate in found.items():
            estimate["half_of_change"] = self._half_of_change(name, measure)
        delta_m = found.pop(DELTA_M, None)
        if delta_m:
            delta_m["half"] = delta_m.pop("half_of_change")
        return {
            "method": name,
            "runs": len(set().union(*self.points[name].values())),
            "metrics": found,
            "delta_m": None if name == ALONE else delta_m,
            **self._costs(name),
        }

    def _half_of_change(self, name, measure):
        """Half the width of the interval of the difference to `alone`."""
        if name == ALONE or not self._of(ALONE, measure):
            return None
        pair = self._compared(name, ALONE, measure)
        return pair and pair["half"]

    def _ranks(self):
        objectives = self.settings["objectives"]
        names = [
            name
            for name in self.methods
            if all(self.points[name].get(each) for each in objectives)
        ]
        table = [
            [
                statistics.fmean(self.points[name][each].values())
                for each in objectives
            ]
            for name in names
        ]
        ranks = mean_ranks(table, objectives.values()) if table else []
        return dict(zip(names, ranks))

    def _costs(self, name):
        """Of a method; or of all single-task models, one after another."""
        by_run = {}
        for record in self.records:
            is_alone = record["alone"] is not None
            if record["name"] == name or (is_alone and name == ALONE):
                by_run.setdefault(record["name"], []).append(record)
        times = [
            [r["step_seconds"] for r in runs if r["step_seconds"] is not None]
            for runs in by_run.values()
        ]
        known = times and all(times)
        return {
            "step_seconds": sum(map(statistics.fmean, times))
            if known
            else None,
            "parameters": sum(r[0]["parameters"] for r in by_run.values()),
        }

    def pairwise(self, measure=DELTA_M, *, against=None):
        """Which methods differ, by paired t-tests over the seeds.

        Args:
            measure: `"delta_m"` or an objective.
            against: Method that all others are compared with, as `"sum"`;
                `None` for every pair. Fewer tests are corrected for less.

        Returns:
            List of dicts of `a` and `b`; `seeds`, their number in common;
            `difference`, the mean of a minus b, and `half`, half the width of
            its 95 % confidence interval; `p`, and `p_holm`, corrected for
            the number of rows. Pairs with fewer than two seeds in common, or
            with the same difference on each, are left out.

        Raises:
            ValueError: If there is no such measure or method.
        """
        self._check_measure(measure)
        names = [n for n in (ALONE, *self.methods) if self._of(n, measure)]
        if against is None:
            pairs = list(itertools.combinations(names, 2))
        elif against in names:
            pairs = [(name, against) for name in names if name != against]
        else:
            raise ValueError(
                f"Expected as `against` one of {names}, which have a result, "
                f"received {against!r}."
            )
        rows = [self._compared(*pair, measure) for pair in pairs]
        rows = [row for row in rows if row is not None]
        corrected = holm([row["p"] for row in rows])
        return [row | {"p_holm": p} for row, p in zip(rows, corrected)]

    def _of(self, name, measure):
        return self.points.get(name, {}).get(measure, {})

    def _compared(self, a, b, measure):
        first, second = self._of(a, measure), self._of(b, measure)
        seeds = sorted(set(first) & set(second))
        if len(seeds) < 2:
            return None
        first, second = ([each[s] for s in seeds] for each in (first, second))
        differences = [x - y for x, y in zip(first, second)]
        difference, half = mean_and_interval(differences)
        p = paired_t_test(first, second)
        if math.isnan(p):
            return None
        return {
            "a": a,
            "b": b,
            "seeds": len(seeds),
            "difference": difference,
            "half": half,
            "p": p,
        }

    def _check_measure(self, measure):
        known = list(self.settings["objectives"])
        if measure == DELTA_M and self._without is not None:
            raise ValueError(
                f"There is no delta m: {self._without}. Give one of {known}."
            )
        if measure not in (DELTA_M, *known):
            raise ValueError(
                f"Expected {DELTA_M!r} or one of {known}, received {measure!r}."
            )

    @property
    def remarks(self):
        """List of sentences: what is missing, and why."""
        settings = self.settings
        found = [
            f"{r['name']}, seed {r['seed']}: failed, {r['error']}"
            for r in self.failures
        ]
        for record in self.records:
            measured = record[settings["split"]]
            bad = [
                name
                for name in settings["objectives"]
                if not math.isfinite(measured.get(name, 0.0))
            ]
            if bad:
                found.append(
                    f"{record['name']}, seed {record['seed']}: {bad} is not "
                    "finite, and left out of the means."
                )
        number = len(settings["shown"]) + len(settings["alone"])
        missing = number * len(settings["seeds"])
        missing -= len(self.records) + len(self.failures)
        if missing:
            found.append(f"Runs that are not done yet: {missing}.")
        if self._without is not None:
            found.append(f"There is no delta m: {self._without}.")
        if len(settings["seeds"]) < 2:
            found.append("One seed has no interval and no test.")
        return found

    def __str__(self):
        rows = self.rows()
        if not rows:
            return "\n".join(["No run has a result.", *self.remarks])
        return "\n".join([format_table(self._cells(rows)), *self.remarks])

    def _cells(self, rows):
        tested = {}
        if self._of(SUM, DELTA_M):
            found = self.pairwise(against=SUM)
            tested = {row["a"]: row["p_holm"] for row in found}
        return [
            {"method": row["method"], "runs": row["runs"]}
            | {
                n: _cell(row["metrics"].get(n))
                for n in self.settings["objectives"]
            }
            | {"delta m": _cell(row["delta_m"], "+.1f")}
            | {"p (sum)": _number(tested.get(row["method"]), ".3f")}
            | {"rank": _number(row["mean_rank"], ".2f")}
            | {"ms": _number(row["step_seconds"], ".0f", 1000)}
            for row in rows
        ]

    def report(self, path):
        """Writes the report, one HTML file that needs no other.

        Args:
            path: Of the file.
        """
        from mtvision.experiments.report.comparison_report import (
            comparison_page,
        )
        from mtvision.experiments.report.images import own_picture

        settings = self.settings
        asked = ("epochs", "seeds", "split", "methods", "alone", "backend")
        pictures = {
            name: own_picture(self.folder, f"pictures/{name}-{seed}.png")
            for name in self.methods
            for seed in settings["seeds"][:1]
        }
        page = comparison_page(
            settings["name"],
            metrics=settings["objectives"],
            rows=self.rows(),
            pairwise=self._pairs_of_report(),
            records=self.records,
            failed=self.failures,
            settings={name: settings[name] for name in asked},
            notes=self.remarks,
            shown={k: found for k, found in pictures.items() if found},
            command=settings["command"],
        )
        with whole_file(path) as file:
            file.write(page.encode())

    def _pairs_of_report(self):
        if self._without is not None:
            return f"There is no delta m: {self._without}."
        rows = self.pairwise()
        return [row | {"p": row["p_holm"]} for row in rows] or (
            "No two methods have two seeds in common, which a test needs."
        )


def _estimate(values):
    mean, half = mean_and_interval(values)
    return {"mean": mean, "half": half, "values": values}


def _cell(estimate, form=".3f"):
    if estimate is None:
        return ""
    text = f"{estimate['mean']:{form}}"
    if estimate["half"] is None:
        return text
    return f"{text} ± {estimate['half']:{form.lstrip('+')}}"


def _number(value, form, factor=1):
    return "" if value is None else f"{factor * value:{form}}"
