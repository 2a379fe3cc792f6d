"""Waiting for the trials of other workers."""

import os
import platform
import time

from mtvision.experiments.searching.storage import GRACE


class Watch:
    """Waits for running trials to end, or takes them for dead.

    Args:
        study: Optuna's study.
        heartbeat: Seconds between signs of life of a worker.
        say: Function of a line of text.
    """

    def __init__(self, study, *, heartbeat, say):
        self.study = study
        self.heartbeat = heartbeat
        self.say = say
        self._unborn = {}
        self._said = -60.0

    def wait(self):
        """Waits a moment; trials of dead workers then wait to begin anew."""
        import optuna

        if time.monotonic() - self._said >= 60:
            self._said = time.monotonic()
            self.say(f"waiting for {self._running()}")
        optuna.storages.fail_stale_trials(self.study)
        self._fail_unborn_trials()
        time.sleep(min(1.0, self.heartbeat / 4))

    def _running(self):
        return ", ".join(
            f"trial {trial.number} "
            f"({trial.user_attrs.get('worker', 'just begun')})"
            for trial in self.study.get_trials(deepcopy=False)
            if state_name(trial) == "running"
        )

    def _fail_unborn_trials(self):
        """Ends trials whose process died before its first sign of life."""
        import optuna

        now = time.monotonic()
        unborn = [
            trial.number
            for trial in self.study.get_trials(deepcopy=False)
            if state_name(trial) == "running"
            and trial.user_attrs.get("born") != trial.number
        ]
        self._unborn = {n: self._unborn.get(n, now) for n in unborn}
        for number, since in self._unborn.items():
            if now - since > GRACE * self.heartbeat:
                fail = optuna.trial.TrialState.FAIL
                self.study.tell(number, state=fail, skip_if_finished=True)


def mark_born(trial, storage):
    """Says of a trial which process runs it, for those who wait for it.

    Args:
        trial: Optuna's trial, which has just begun.
        storage: Optuna's, with heartbeats.
    """
    # Optuna's own first heartbeat may be late, and one without any never ends.
    study = storage.get_study_id_from_name(trial.study.study_name)
    storage.record_heartbeat(
        storage.get_trial_id_from_study_id_trial_number(study, trial.number)
    )
    trial.set_user_attr("worker", f"process {os.getpid()} on {platform.node()}")
    # A trial that is tried again has the attributes of the one before.
    trial.set_user_attr("born", trial.number)


def state_name(trial):
    """State of a trial: complete, pruned, failed, running or waiting."""
    name = trial.state.name.lower()
    return "failed" if name == "fail" else name


def count_states(study):
    """How many trials there are in each state.

    Args:
        study: Optuna's study.

    Returns:
        Dict of whole numbers by state.
    """
    names = ("complete", "pruned", "failed", "running", "waiting")
    found = [state_name(each) for each in study.get_trials(deepcopy=False)]
    return {name: found.count(name) for name in names}
