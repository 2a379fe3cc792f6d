"""The chosen trial: trained anew, and measured on the test split once."""

from mtvision.experiments.runs.draw_picture import draw_picture
from mtvision.experiments.runs.records import write_record
from mtvision.experiments.runs.training_run import measure, open_data
from mtvision.experiments.searching.storage import open_study
from mtvision.experiments.searching.trial_records import get_record, put_record
from mtvision.experiments.searching.watch import Watch, mark_born, state_name

PICTURE = "predictions.png"


class FinalTest:
    """Trains the chosen trial anew, unless some process does or has done it.

    The claim to do so is a trial of a second study in the same database: the
    first that runs has it, until it ends or gives no sign of life any more.

    Args:
        plan: `SearchPlan`.
        storage: Of the search.
        heartbeat: Seconds between signs of life.
        say: Function of a line of text.
    """

    def __init__(self, plan, storage, *, heartbeat, say):
        self.plan = plan
        self.storage = storage
        self.say = say
        self.study = open_study(storage, chosen_name(plan.name), ["minimize"])
        self.watch = Watch(self.study, heartbeat=heartbeat, say=say)

    def run(self, trial):
        """Does it, or waits for who does.

        Args:
            trial: Dict with the `number` and `parameters` of the trial chosen.

        Returns:
            Dict of its `number` and `record`.
        """
        while (found := read_chosen(self.study)) is None:
            if self._is_running():
                self.watch.wait()
            else:
                self._try(trial)
        return found

    def _is_running(self):
        trials = self.study.get_trials(deepcopy=False)
        return any(state_name(each) == "running" for each in trials)

    def _try(self, trial):
        self._lost = False
        try:
            self.study.optimize(lambda claim: self._do(claim, trial), 1)
        except ValueError:
            if not self._lost:
                raise

    def _do(self, claim, trial):
        import optuna

        mark_born(claim, self.storage)
        if self._is_second(claim):
            raise optuna.TrialPruned()
        model, record, keywords = self._train(trial)
        # Taken for dead meanwhile, so that another one does it?
        states = [state_name(t) for t in self.study.get_trials(deepcopy=False)]
        if states[claim.number] != "running":
            self._lost = True
            self.say("this process was taken for dead; it leaves the test")
            raise optuna.TrialPruned()
        test = open_data(self.plan.test, keywords, "test")
        record["test"] = measure(model, test)
        for split in ("validation", "test"):
            record[split] = self.plan.objectives.with_delta_m(
                record[split], model.task_names
            )
        draw_picture(self.plan.picture, model, self.plan.folder / PICTURE)
        write_record(self.plan.folder / "chosen.json", record)
        put_record(claim, record)
        claim.set_user_attr("number", trial["number"])
        return 0.0

    def _is_second(self, claim):
        """Whether another process has begun a moment before, or has ended."""
        return any(
            state_name(each) in ("running", "complete")
            for each in self.study.get_trials(deepcopy=False)
            if each.number < claim.number
        )

    def _train(self, trial):
        import optuna

        plan, name = self.plan, f"{self.plan.name}-chosen"
        self.say(f"trial {trial['number']} is chosen: trained anew, then test")
        chooser = optuna.trial.FixedTrial(trial["parameters"])
        values = plan.space.suggest(chooser)
        model, record = plan.train_once(name, values, logs="chosen")
        model.save(plan.folder / "chosen.keras")
        return model, record, values | {"seed": plan.seed}


def chosen_name(name):
    """Name of the study that holds the chosen trial of another.

    Example:

    >>> chosen_name("digits")
    'digits (chosen)'
    """
    return f"{name} (chosen)"


def read_chosen(study):
    """What was found for the chosen trial.

    Args:
        study: The study of `chosen_name`.

    Returns:
        Dict of the trial's `number` and `record`, or `None`.
    """
    for trial in study.get_trials(deepcopy=False):
        if state_name(trial) == "complete":
            number = trial.user_attrs["number"]
            return {"number": number, "record": get_record(trial.user_attrs)}
    return None
