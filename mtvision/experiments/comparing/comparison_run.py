"""One run of a comparison, unless its record is there already."""

import functools
import shutil
import time
import traceback

from mtvision.experiments.comparing.comparison_plan import LOCKS, run_path
from mtvision.experiments.comparing.single_task import single_task
from mtvision.experiments.comparing.stored import read_run
from mtvision.experiments.comparing.task_data import of_tasks
from mtvision.experiments.runs.draw_picture import draw_picture
from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.experiments.runs.objectives import UnknownMetric
from mtvision.experiments.runs.objectives_callback import ObjectivesCallback
from mtvision.experiments.runs.records import read_record, write_record
from mtvision.experiments.runs.training_run import (
    callbacks_of,
    measure,
    open_data,
    train_once,
)
from mtvision.training.claimed import claimed


class ComparisonRun:
    """Trains one model, measures it, and keeps its record in a file.

    Several processes may do so in one folder: each run is done by one.

    Args:
        build: As for `compare`.
        train: Likewise.
        valid: Likewise.
        test: Likewise.
        folder: Of the comparison.
        objectives: `Objectives`.
        epochs: As for `compare`.
        callbacks: Likewise.
        picture: Likewise.
        pictured_seed: The seed that it is drawn for.
        verbose: Likewise.
    """

    def __init__(
        self,
        build,
        train,
        valid,
        test,
        *,
        folder,
        objectives,
        epochs,
        callbacks=(),
        picture=None,
        pictured_seed=0,
        verbose=1,
    ):
        self.build = build
        self.train = train
        self.valid = valid
        self.test = test
        self.folder = folder
        self.objectives = objectives
        self.epochs = epochs
        self.callbacks = callbacks
        self.picture = picture
        self.pictured_seed = pictured_seed
        self.verbose = verbose
        # Those that have failed before are tried again, but once.
        self._failed = {
            path: _changed(path)
            for path in (folder / "runs").glob("*.json")
            if "error" in (read_record(path) or ())
        }

    def all(self, jobs):
        """Trains what no process has trained, and waits for the others.

        Args:
            jobs: List of the arguments of a run.

        Returns:
            List of their records.
        """
        records = [self(*job) for job in jobs]
        waiting = None
        while None in records:
            if waiting != records.count(None):
                waiting = records.count(None)
                self._say(f"waiting for {waiting} runs of other processes")
            time.sleep(1)
            records = [
                self(*job) if record is None else record
                for job, record in zip(jobs, records)
            ]
        return records

    def __call__(self, name, seed, values, alone=None):
        """Trains a method on a seed.

        Args:
            name: Of the method, or `alone-` and the name of a task.
            seed: Whole number.
            values: Dict of keywords.
            alone: Names of the only tasks to train, or `None` for all.

        Returns:
            The record, new or from its file; with `error` and `traceback` in
            place of results if the run failed; `None` while another process
            is at it.

        Raises:
            ValueError: If the model lacks an objective.
        """
        path = run_path(self.folder, name, seed)
        record = self._read(path)
        if record is None:
            with claimed(self.folder / LOCKS / f"{path.stem}.lock") as mine:
                if not mine:
                    return None
                # It may have ended before the lock was free.
                record = self._read(path)
                if record is None:
                    record = self._tried(name, seed, values, alone)
                    write_record(path, record)
                    self._tell(record)
        if alone is None and "error" not in record:
            self._check(record)
        return record

    def _read(self, path):
        """The record of a run that is not to be trained, or `None`."""
        record = read_run(path, "validation")
        if record is not None and self._failed.get(path) != _changed(path):
            return record
        return None

    def _tried(self, name, seed, values, alone):
        try:
            return self._trained(name, seed, values, alone)
        except UnknownMetric:
            raise
        except Exception as error:
            return {
                "name": name,
                "seed": seed,
                "alone": alone,
                "values": describe_value(values),
                "error": f"{type(error).__name__}: {error}",
                "traceback": traceback.format_exc(),
            }

    def _trained(self, name, seed, values, alone):
        label = f"{name}-{seed}"
        logs = self.folder / "logs" / label
        shutil.rmtree(logs, ignore_errors=True)  # of a run that did not end
        callbacks = callbacks_of(self.callbacks, label)
        if alone is None and self.valid is not None:
            callbacks = [*callbacks, ObjectivesCallback(self.objectives)]
        model, record = train_once(
            _alone(self.build, alone),
            _of(self.train, alone),
            _of(self.valid, alone),
            values=values,
            seed=seed,
            epochs=self.epochs,
            name=name,
            callbacks=callbacks,
            logs=str(logs),
        )
        if self.test is not None:
            keywords = {**values, "seed": seed}
            test = open_data(_of(self.test, alone), keywords, "test")
            record["test"] = measure(model, test)
        if seed == self.pictured_seed and alone is None:
            path = self.folder / "pictures" / f"{label}.png"
            draw_picture(self.picture, model, path)
        return record | {"alone": alone}

    def _check(self, record):
        if self.valid is not None:
            self._require(record["validation"], "validation")
        if self.test is not None:
            self._require(record.get("test", {}), "test")

    def _require(self, metrics, split):
        lacking = [n for n in self.objectives.names if n not in metrics]
        if lacking:
            raise UnknownMetric(
                f"The model does not measure {lacking} on the {split} split; "
                f"it measures {sorted(metrics)}. Runs that have ended are "
                "kept: correct `objectives`, and call again."
            )

    def _tell(self, record):
        start = f"seed {record['seed']}  {record['name']:<20}"
        if "error" in record:
            self._say(f"{start}  failed: {record['error'][:200]}")
            return
        found = record.get("test") or record["validation"]
        values = [
            f"{n} {found[n]:.3f}" for n in self.objectives.names if n in found
        ]
        seconds = f"{record['seconds']:.0f} s"
        self._say("  ".join([start, *values, seconds]))

    def _say(self, line):
        if self.verbose:
            print(line, flush=True)


def _changed(path):
    """When a file was written, in nanoseconds."""
    return path.stat().st_mtime_ns


def _alone(build, tasks):
    """`build` for some of the tasks; with the same signature."""
    if tasks is None:
        return build

    @functools.wraps(build)
    def build_alone(*args, **kwargs):
        return single_task(build(*args, **kwargs), tasks)

    return build_alone


def _of(data, tasks):
    """Data, or a function to them, for some of the tasks."""
    if tasks is None:
        return data
    if not callable(data):
        return of_tasks(data, tasks)

    @functools.wraps(data)
    def make(*args, **kwargs):
        return of_tasks(data(*args, **kwargs), tasks)

    return make
