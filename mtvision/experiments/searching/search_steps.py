"""What a worker of a search does, from opening the study to the result."""

from mtvision.experiments.runs.command import this_command
from mtvision.experiments.runs.records import write_record
from mtvision.experiments.searching.choice import choose
from mtvision.experiments.searching.database_url import hidden
from mtvision.experiments.searching.final_test import FinalTest, chosen_name
from mtvision.experiments.searching.read_search import read_search
from mtvision.experiments.searching.search_plan import differences
from mtvision.experiments.searching.storage import open_storage, open_study
from mtvision.experiments.searching.trial_run import TrialRun
from mtvision.experiments.searching.watch import count_states
from mtvision.experiments.searching.worker import Worker


def run_search(plan, *, sampler, pruner, settings, heartbeat):
    """Runs trials until there are enough, and the last training.

    Args:
        plan: `SearchPlan`.
        sampler: Optuna's.
        pruner: Optuna's.
        settings: Dict of what else was asked, with the number of `trials`.
        heartbeat: Seconds between signs of life.

    Returns:
        `SearchResult`.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    storage = open_storage(plan.url, heartbeat=heartbeat)
    directions = list(plan.objectives.directions.values())
    study = open_study(storage, plan.name, directions)
    _agree(study, plan)
    study.sampler, study.pruner = sampler, pruner
    _check_untested(study, storage, plan, settings["trials"])
    study.set_user_attr("settings", settings)
    study.set_user_attr("command", this_command())
    write_record(plan.folder / "search.json", plan.file())
    say = _say if plan.verbose else _say_nothing
    Worker(
        study,
        TrialRun(plan, storage, prunes=settings["pruner"] is not None),
        trials=settings["trials"],
        count_left=getattr(sampler, "count_left", None),
        heartbeat=heartbeat,
        names=plan.objectives.names,
        say=say,
    ).work()
    result = read_search(storage, plan.name, plan.folder, plan.url)
    trial = choose(result.trials, plan.objectives)
    if trial is None or plan.test is None:
        return result
    FinalTest(plan, storage, heartbeat=heartbeat, say=say).run(trial)
    return read_search(storage, plan.name, plan.folder, plan.url)


def _agree(study, plan):
    """The first worker says what is searched; others have to ask the same."""
    asked = plan.description()
    if "search" not in study.user_attrs:
        if study.get_trials(deepcopy=False):
            raise ValueError(
                f"The study {plan.name!r} in {hidden(plan.url)} is none of "
                "mtvision's. Give another name."
            )
        study.set_user_attr("search", asked)
    known = study.user_attrs["search"]
    if known != asked:
        lines = "\n  ".join(differences(known, asked))
        raise ValueError(
            f"The study {plan.name!r} in {hidden(plan.url)} is another one:\n"
            f"  {lines}\nGive another name, or the same arguments. To throw "
            "that study away, remove its folder or database."
        )


def _check_untested(study, storage, plan, trials):
    """Trials after a look at the test split would make that a validation."""
    import optuna

    name = chosen_name(plan.name)
    if name not in optuna.get_all_study_names(storage):
        return
    numbers = count_states(study)
    done = numbers["complete"] + numbers["pruned"]
    twin = optuna.load_study(study_name=name, storage=storage)
    if count_states(twin)["complete"] and done < trials:
        raise ValueError(
            f"The study {plan.name!r} has ended with {done} trials, and its "
            f"chosen one has been measured on the test split. {trials} trials "
            "would be chosen with that known. Give another name; with "
            "test=None at first, the number of trials can grow."
        )


def _say(line):
    """At once, in a file, too."""
    print(line, flush=True)


def _say_nothing(line):
    """Instead of `_say`."""
