"""The loop of one worker of a search."""

from mtvision.experiments.searching.trial_run import TrialFailed
from mtvision.experiments.searching.watch import Watch, count_states, state_name

# So many trials may fail before the first success: then all of them will.
FIRST_FAILURES = 5


class Worker:
    """Runs trials until a study has enough of them, with others or alone.

    Args:
        study: Optuna's study.
        run: Function of a trial to values, which raises `TrialFailed`, and
            has a text `last_error`.
        trials: How many trials are to end, complete or pruned.
        count_left: Function of the study to how many trials can begin yet, or
            `None` for any number.
        heartbeat: Seconds between signs of life.
        names: Names of the objectives.
        say: Function of a line of text.
    """

    def __init__(
        self, study, run, *, trials, count_left, heartbeat, names, say
    ):
        self.study = study
        self.run = run
        self.trials = trials
        self.count_left = count_left
        self.names = names
        self.say = say
        self.watch = Watch(study, heartbeat=heartbeat, say=say)
        self._succeeded = self._failed = 0

    def work(self):
        """Runs trials.

        Raises:
            RuntimeError: If nearly all fail.
            UnknownMetric: If an objective is not measured.
        """
        while True:
            numbers = count_states(self.study)
            done = numbers["complete"] + numbers["pruned"]
            if done >= self.trials:
                return
            if numbers["waiting"] or self._may_begin(done, numbers):
                self._run_one()
            elif numbers["running"]:
                self.watch.wait()
            else:
                return

    def _may_begin(self, done, numbers):
        if done + numbers["running"] >= self.trials:
            return False
        return self.count_left is None or self.count_left(self.study) > 0

    def _run_one(self):
        try:
            self.study.optimize(self._follow, n_trials=1, catch=(TrialFailed,))
        except ValueError:
            if self._state() != "failed" or self.run.last_error:
                raise
            self.say(
                f"Trial {self._number} was taken for dead, for this process "
                "gave no sign of life; it is tried again."
            )
            return
        except KeyboardInterrupt:
            self._try_again()
            raise
        self._report()

    def _follow(self, trial):
        self._number = trial.number
        self.run.last_error = None
        return self.run(trial)

    def _trial(self):
        return self.study.get_trials(deepcopy=False)[self._number]

    def _state(self):
        return state_name(self._trial())

    def _report(self):
        state = self._state()
        if state != "failed":
            self._succeeded += 1
            return self.say(self._line(state))
        self._failed += 1
        error = self.run.last_error
        self.say(f"trial {self._number} failed: {error}")
        all_failed = not self._succeeded and self._failed >= FIRST_FAILURES
        if all_failed or self._failed > self.trials:
            raise RuntimeError(
                f"{self._failed} trials of this process failed, "
                f"{self._succeeded} did not. The last one, trial "
                f"{self._number}: {error.rstrip('.')}. Mend it and run the "
                "same command again: finished trials are there."
            )
        return None

    def _line(self, state):
        numbers = count_states(self.study)
        done = numbers["complete"] + numbers["pruned"]
        trial = self._trial()
        seconds = trial.duration.total_seconds()
        values = [
            f"{name} {value:.4g}"
            for name, value in zip(self.names, trial.values or ())
        ]
        return (
            f"trial {self._number} {state} ({done} of {self.trials}): "
            f"{', '.join([*values, f'{seconds:.0f} s'])}"
        )

    def _try_again(self):
        """A trial that the user interrupts is not lost, but begins anew."""
        import optuna

        trial = self._trial()
        if state_name(trial) == "failed":
            again = optuna.storages.RetryHeartbeatStaleTrialCallback()
            again(self.study, trial)
