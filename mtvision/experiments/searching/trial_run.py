"""One trial of a search."""

import math
import traceback
import warnings

from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.experiments.runs.objectives import UnknownMetric
from mtvision.experiments.runs.objectives_callback import ObjectivesCallback
from mtvision.experiments.runs.records import write_record
from mtvision.experiments.searching.trial_records import fitting, put_record
from mtvision.experiments.searching.watch import mark_born


class TrialFailed(Exception):
    """A trial that failed; the search goes on."""


class TrialRun:
    """Trains the model of a trial, and writes down what came of it.

    Args:
        plan: `SearchPlan`.
        storage: Of the search.
        prunes: Whether hopeless trials are ended.

    Attributes:
        last_error: Text of the last failure, or `None`.
    """

    def __init__(self, plan, storage, *, prunes):
        self.plan = plan
        self.storage = storage
        self.prunes = prunes
        self.last_error = None

    def __call__(self, trial):
        """Runs a trial.

        Args:
            trial: Optuna's trial.

        Returns:
            List of the objectives' values.

        Raises:
            TrialFailed: If it failed in a way that others may not.
            UnknownMetric: If an objective is not measured, as in all trials.
        """
        import optuna

        mark_born(trial, self.storage)
        watch = ObjectivesCallback(
            self.plan.objectives, trial if self.prunes else None
        )
        try:
            found, record = self._train(trial, watch)
        except optuna.exceptions.StorageInternalError:
            raise
        except Exception as error:
            self._note(trial, _last_line(error), traceback.format_exc())
            if isinstance(error, UnknownMetric):
                raise
            raise TrialFailed(self.last_error) from error
        self._keep(trial, record)
        if watch.pruned:
            raise optuna.TrialPruned()
        for name, value in found.items():
            if not math.isfinite(value):
                self._note(trial, f"The objective {name!r} is {value}.")
                raise TrialFailed(self.last_error)
        return list(found.values())

    def _train(self, trial, watch):
        plan = self.plan
        name = f"{plan.name}-{trial.number}"
        values = plan.space.suggest(trial)
        _require_kept(trial)
        trial.set_user_attr("keywords", describe_value(values))
        model, record = plan.train_once(
            name,
            values,
            logs=str(trial.number),
            callbacks=[watch],
            conflicts=False,
        )
        found = plan.objectives.values(record["validation"], model.task_names)
        return found, record

    def _note(self, trial, error, trace=None):
        trial.set_user_attr("error", error)
        if trace:
            trial.set_user_attr("traceback", fitting(trace))
        self.last_error = error

    def _keep(self, trial, record):
        """A record that the database does not take stays in a file."""
        import optuna

        try:
            put_record(trial, record)
        except optuna.exceptions.StorageInternalError:
            path = self.plan.folder / f"unsaved-{trial.number}.json"
            write_record(path, record | {"trial": trial.params})
            warnings.warn(
                f"The database took no record of trial {trial.number}; it is "
                f"in {path}.",
                stacklevel=2,
            )
            raise


def _require_kept(trial):
    """Raises if the database has not taken all parameters of a trial."""
    kept = trial.study.get_trials(deepcopy=False)[trial.number].params
    lost = [name for name in trial.params if name not in kept]
    if lost:
        raise ValueError(
            f"Expected parameters that the database can tell apart, received "
            f"{lost} beside {list(kept)}: MySQL takes names for equal that "
            "differ in capitals or accents. Rename them, or use PostgreSQL."
        )


def _last_line(error):
    return fitting("".join(traceback.format_exception_only(error)).strip())
